/** What the commands of `rootca` about directives say. */
import { formatDate } from '../dates';
import { text } from '../text';

export const rootcaDirectiveTexts = {
  group: text(
    () => 'orders to a node: revoke, suspend or resume issuing, withdraw',
    () => 'chỉ thị cho một nút: thu hồi, tạm dừng hoặc cho cấp lại, thu hồi ủy quyền',
  ),
  revoke: text(
    () => 'order a node to revoke a certificate, and sign the order as one operator',
    () => 'chỉ thị nút thu hồi một chứng thư, ký với tư cách một người vận hành',
  ),
  suspend: text(
    () => 'order a node to issue nothing until further notice, and sign the order as one operator',
    () => 'chỉ thị nút tạm dừng cấp chứng thư, ký với tư cách một người vận hành',
  ),
  resume: text(
    () => 'let a suspended node issue again, and sign the order as one operator',
    () => 'cho nút đang tạm dừng cấp chứng thư trở lại, ký với tư cách một người vận hành',
  ),
  withdraw: text(
    () => 'withdraw a delegation for good, and sign the order as one operator',
    () => 'thu hồi hẳn ủy quyền, ký với tư cách một người vận hành',
  ),
  withdrawDescription: text(
    () =>
      'A withdrawal is final. With --mode run-out the certificates stay valid until they end, with revoke-all the node revokes every one. CRLs and status checks go on until the last has ended.',
    () =>
      'Thu hồi ủy quyền là quyết định cuối cùng. Với --mode run-out, các chứng thư giữ hiệu lực đến khi hết hạn; với revoke-all, nút thu hồi toàn bộ. Danh sách chứng thư bị thu hồi và kiểm tra trực tuyến được duy trì đến khi chứng thư cuối cùng hết hạn.',
  ),
  approve: text(
    () => 'sign the order that waits, as one more operator',
    () => 'ký chỉ thị đang chờ, với tư cách một người vận hành nữa',
  ),
  discard: text(
    () => 'drop an order that is not fully signed',
    () => 'bỏ chỉ thị chưa đủ chữ ký',
  ),
  list: text(
    () => 'list the orders to a node, or to all, and what became of them',
    () => 'liệt kê chỉ thị cho một nút hoặc mọi nút, kèm kết quả',
  ),
  show: text(
    () => 'show one order: what it says, who has signed, and the entry that acknowledges it',
    () => 'xem một chỉ thị: nội dung, người đã ký và mục nhật ký xác nhận',
  ),
  serialArgument: text(
    () => 'serial number of the certificate',
    () => 'số hiệu chứng thư',
  ),
  sequenceArgument: text(
    () => 'number of the order; the one that waits for signatures if not given',
    () => 'số của chỉ thị; nếu không ghi thì là chỉ thị đang chờ ký',
  ),
  operatorOption: text(
    () => 'who signs',
    () => 'người ký',
  ),
  becauseOption: text(
    () => 'why, in words the node’s staff will read',
    () => 'lý do, bằng lời mà cán bộ của nút sẽ đọc',
  ),
  reasonOption: text(
    () => 'why, as the CRL will tell it',
    () => 'lý do ghi trong danh sách chứng thư bị thu hồi',
  ),
  sinceOption: text(
    () => 'when the key was, or may have been, exposed',
    () => 'thời điểm khóa bí mật bị lộ hoặc nghi bị lộ',
  ),
  modeOption: text(
    () => 'what becomes of the certificates',
    () => 'cách xử lý các chứng thư đã cấp',
  ),
  signQuestion: text<{ sequence: number; node: string; operator: string }>(
    (p) => `As ${p.operator}, sign directive ${p.sequence} for the node ${p.node}?`,
    (p) => `${p.operator} ký chỉ thị số ${p.sequence} cho nút ${p.node}?`,
  ),
  draftQuestion: text<{ order: string; node: string; operator: string }>(
    (p) => `As ${p.operator}, order the node ${p.node}: ${p.order}?`,
    (p) => `${p.operator} ra chỉ thị cho nút ${p.node}: ${p.order}?`,
  ),
  signed: text<{ sequence: number; node: string; by: string; missing: number }>(
    (p) =>
      `Directive ${p.sequence} for ${p.node} is signed by ${p.by}. ${p.missing > 0 ? `${String(p.missing)} more signature(s) needed: rootca directive approve ${p.node}` : 'The node takes it with its next sync.'}`,
    (p) =>
      `Chỉ thị số ${p.sequence} cho ${p.node} đã có chữ ký của ${p.by}. ${p.missing > 0 ? `Còn cần ${String(p.missing)} chữ ký: rootca directive approve ${p.node}` : 'Nút sẽ nhận ở lần đồng bộ tiếp theo.'}`,
  ),
  discarded: text<{ sequence: number; node: string }>(
    (p) => `Draft ${p.sequence} for ${p.node} is dropped. Nothing of it was handed out.`,
    (p) => `Đã bỏ dự thảo chỉ thị số ${p.sequence} cho ${p.node}. Chưa giao gì cho nút.`,
  ),
  none: text(
    () => 'No directives.',
    () => 'Không có chỉ thị nào.',
  ),
  directive: text(
    () => 'directive',
    () => 'chỉ thị',
  ),
  order: text(
    () => 'order',
    () => 'nội dung',
  ),
  reason: text(
    () => 'reason',
    () => 'lý do',
  ),
  state: text(
    () => 'state',
    () => 'trạng thái',
  ),
  issued: text(
    () => 'drafted',
    () => 'lập lúc',
  ),
  signers: text(
    () => 'signed by',
    () => 'đã ký',
  ),
  entry: text(
    () => 'acknowledged',
    () => 'xác nhận',
  ),
  entryLine: text<{ index: number; origin: string; time: string }>(
    (p) => `entry ${p.index} of ${p.origin}, ${formatDate(new Date(p.time), 'en')}`,
    (p) => `mục ${p.index} của ${p.origin}, ${formatDate(new Date(p.time), 'vi')}`,
  ),
  outstanding: text<{ count: number }>(
    (p) => `${p.count} certificate(s) not revoked so yet`,
    (p) => `còn ${p.count} chứng thư chưa được thu hồi theo chỉ thị`,
  ),
  summary: text<{
    issuance: 'open' | 'suspended' | 'withdrawn';
    acknowledged: number;
    signed: number;
    outstanding: number;
  }>(
    (p) =>
      [
        `${p.acknowledged} of ${p.signed} acknowledged`,
        ...(p.issuance === 'open' ? [] : [`issuing ${p.issuance}`]),
        ...(p.outstanding > 0 ? [`${String(p.outstanding)} certificate(s) still to be revoked`] : []),
      ].join(', '),
    (p) =>
      [
        `đã xác nhận ${p.acknowledged} trên ${p.signed}`,
        ...(p.issuance === 'open' ? [] : [STOPPED[p.issuance]]),
        ...(p.outstanding > 0 ? [`còn ${String(p.outstanding)} chứng thư phải thu hồi`] : []),
      ].join(', '),
  ),
} as const;

const STOPPED = { suspended: 'tạm dừng cấp chứng thư', withdrawn: 'đã thu hồi ủy quyền' } as const;

/** What an order says, for people. */
export const orderTexts = {
  revoke: text<{ serialNumber: string; reason: string }>(
    (p) => `revoke ${p.serialNumber} (${p.reason})`,
    (p) => `thu hồi ${p.serialNumber} (${p.reason})`,
  ),
  'suspend-issuance': text(
    () => 'issue nothing until further notice',
    () => 'tạm dừng cấp chứng thư',
  ),
  'resume-issuance': text(
    () => 'issue again',
    () => 'cấp chứng thư trở lại',
  ),
  'run-out': text(
    () => 'delegation withdrawn; certificates stay valid until they end',
    () => 'thu hồi ủy quyền; chứng thư giữ hiệu lực đến khi hết hạn',
  ),
  'revoke-all': text(
    () => 'delegation withdrawn; revoke every certificate',
    () => 'thu hồi ủy quyền; thu hồi toàn bộ chứng thư',
  ),
} as const;

export const directiveStateTexts = {
  signing: text(
    () => 'signing',
    () => 'chờ ký',
  ),
  ready: text(
    () => 'ready to be handed out',
    () => 'đã ký, chưa giao',
  ),
  delivered: text(
    () => 'handed out, not acknowledged',
    () => 'đã giao, chưa xác nhận',
  ),
  applied: text(
    () => 'applied',
    () => 'đã thực hiện',
  ),
  impossible: text(
    () => 'nothing left to do',
    () => 'không còn gì để thực hiện',
  ),
} as const;
