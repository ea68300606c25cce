/** What can go wrong at the root operator's side. */
import { nextForApplication, statesInVietnamese } from '../applicationStates';
import { errorText } from '../text';
import { nodeErrors } from './node';

const ISSUANCE = {
  open: 'đang mở',
  suspended: 'đang tạm dừng',
  withdrawn: 'đã chấm dứt',
} as const;

export const rootErrors = {
  ALREADY_INITIALISED: errorText<{ directory: string }>(
    'input',
    (p) => `${p.directory} already holds a root. Choose another --dir.`,
    (p) => `${p.directory} đã có CA gốc. Hãy chọn --dir khác.`,
  ),
  NOT_INITIALISED: errorText<{ directory: string }>(
    'input',
    (p) => `${p.directory} holds no root. Run "rootca init" first, or give the right --dir.`,
    (p) => `${p.directory} chưa có CA gốc. Hãy chạy "rootca init" trước, hoặc chỉ đúng --dir.`,
  ),
  KEY_MISSING: errorText<{ role: string }>(
    'input',
    (p) => `No ${p.role} key is recorded here. See "rootca operator list".`,
    (p) => `Ở đây chưa ghi nhận khóa ${p.role}. Xem "rootca operator list".`,
  ),
  OPERATOR_EXISTS: errorText<{ name: string }>(
    'input',
    (p) => `There is an operator ${p.name} already.`,
    (p) => `Đã có người vận hành ${p.name}.`,
  ),
  OPERATOR_UNKNOWN: errorText<{ name: string; known: string }>(
    'input',
    (p) => `There is no operator ${p.name} here; there are: ${p.known}.`,
    (p) => `Ở đây không có người vận hành ${p.name}; hiện có: ${p.known}.`,
  ),
  OPERATOR_TOKEN_SHARED: errorText<{ name: string; token: string }>(
    'refused',
    (p) => `The token ${p.token} already belongs to ${p.name}: each operator needs a token of their own.`,
    (p) => `Token ${p.token} đã thuộc về ${p.name}: mỗi người vận hành phải có token riêng.`,
  ),
  OPERATOR_NOT_TRUSTED: errorText<{ name: string; known: string }>(
    'refused',
    (p) =>
      `${p.name} is not an operator of the trust statement in force (${p.known}). Run "rootca trust sign" after adding operators.`,
    (p) =>
      `${p.name} không có trong bản tuyên bố tin cậy hiện hành (${p.known}). Hãy chạy "rootca trust sign" sau khi thêm người vận hành.`,
  ),
  NO_TRUST_STATEMENT: errorText(
    'refused',
    () => 'There is no trust statement yet. Add the operators, then run "rootca trust sign".',
    () => 'Chưa có bản tuyên bố tin cậy. Hãy thêm người vận hành rồi chạy "rootca trust sign".',
  ),
  THRESHOLD_IMPOSSIBLE: errorText<{ threshold: number; operators: number }>(
    'input',
    (p) =>
      `A threshold of ${p.threshold} cannot be met by ${p.operators} operator(s). Add operators first: rootca operator add NAME --token LABEL.`,
    (p) =>
      `Ngưỡng ${p.threshold} không thể đạt với ${p.operators} người vận hành. Hãy thêm người vận hành trước: rootca operator add TÊN --token NHÃN.`,
  ),
  THRESHOLD_MISSING: errorText(
    'input',
    () => 'The first trust statement needs --threshold: how many operators must sign a grant.',
    () => 'Bản tuyên bố tin cậy đầu tiên cần --threshold: số người vận hành phải ký một văn bản ủy quyền.',
  ),
  REGISTRY_KEY_PENDING: errorText<{ version: number }>(
    'refused',
    (p) =>
      `A new registry key is made already, and trust statement ${p.version} does not name it yet. Go on with "rootca trust sign".`,
    (p) =>
      `Đã có khóa sổ đăng ký mới mà bản tuyên bố tin cậy số ${p.version} chưa ghi nhận. Hãy tiếp tục bằng "rootca trust sign".`,
  ),
  TRUST_CHANGED: errorText<{ version: number }>(
    'unavailable',
    (p) =>
      `Trust statement ${p.version} was signed while this command was running. Nothing was kept; run it again.`,
    (p) =>
      `Bản tuyên bố tin cậy số ${p.version} được ký trong khi lệnh này đang chạy. Chưa lưu gì; hãy chạy lại lệnh.`,
  ),
  APPROVALS_MISSING: errorText<{ id: string; got: number; needed: number }>(
    'refused',
    (p) =>
      `Application ${p.id} is approved by ${p.got} of the ${p.needed} operators that the trust statement in force demands; signatures of operators it does not name do not count. Have the others approve it: "rootca application approve".`,
    (p) =>
      `Hồ sơ ${p.id} mới có ${p.got} trên ${p.needed} người vận hành phê duyệt theo bản tuyên bố tin cậy hiện hành; chữ ký của người không còn trong bản đó không được tính. Hãy để những người còn lại phê duyệt: "rootca application approve".`,
  ),
  APPLICATION_UNKNOWN: errorText<{ id: string }>(
    'input',
    (p) =>
      `"${p.id}" is neither a file that is there nor the beginning (6 characters or more) of the number of one application received here. Check the path of the applicant's file.`,
    (p) =>
      `"${p.id}" không phải tệp có thật, cũng không phải phần đầu (từ 6 ký tự) của mã một hồ sơ đã tiếp nhận ở đây. Hãy kiểm tra đường dẫn đến tệp hồ sơ.`,
  ),
  APPLICATION_STATE: errorText<{ id: string; status: string; needed: string }>(
    'refused',
    (p) =>
      `Application ${p.id} is ${p.status}; this needs one that is ${p.needed}.${nextForApplication(p, 'en')}`,
    (p) =>
      `Hồ sơ ${p.id} đang ở trạng thái "${statesInVietnamese(p.status)}"; thao tác này cần trạng thái "${statesInVietnamese(p.needed)}".${nextForApplication(p, 'vi')}`,
  ),
  APPLICATION_UNFIT: errorText<{ count: number }>(
    'refused',
    (p) => `The application cannot be granted as it is (${p.count} problem(s) below).`,
    (p) => `Không thể ủy quyền theo hồ sơ này (${p.count} lỗi dưới đây).`,
  ),
  APPLICATION_INELIGIBLE: errorText<{
    id: string;
    policy: string;
    score: number;
    of: number;
    minimumScore: number;
  }>(
    'refused',
    (p) =>
      `Application ${p.id} does not meet “${p.policy}”: ${p.score} of ${p.of} points, ${p.minimumScore} needed; criteria below, must-haves with *. Nothing was signed. Reject it with what is to be mended, or approve it with --override --reason, which is signed and kept.`,
    (p) =>
      `Hồ sơ ${p.id} chưa đạt “${p.policy}”: ${p.score}/${p.of} điểm, cần ${p.minimumScore}; các tiêu chí dưới đây, tiêu chí bắt buộc có dấu *. Chưa ký gì. Hãy từ chối và nêu điểm cần bổ sung, hoặc phê duyệt ngoại lệ bằng --override --reason; ngoại lệ được ký và lưu lại.`,
  ),
  CRITERION_UNKNOWN: errorText<{ found: string; known: string }>(
    'input',
    (p) => `There is no criterion ${p.found} for this application; there are: ${p.known}.`,
    (p) => `Không có tiêu chí ${p.found} cho hồ sơ này; hiện có: ${p.known}.`,
  ),
  MENDS_UNKNOWN: errorText<{ application: string; answer: string }>(
    'refused',
    (p) =>
      `The application says that it mends ${p.application}, rejected with the answer ${p.answer}; no such application of this node was rejected here. Ask the applicant for it.`,
    (p) =>
      `Hồ sơ ghi là bổ sung cho hồ sơ ${p.application} đã bị từ chối bằng văn bản ${p.answer}; ở đây không có hồ sơ nào như vậy của nút này. Hãy hỏi lại bên đề nghị.`,
  ),
  NODE_EXISTS: errorText<{ node: string }>(
    'refused',
    (p) => `The node ${p.node} has a grant already; a second one under the same name is not made.`,
    (p) => `Nút ${p.node} đã được ủy quyền; không cấp lần thứ hai dưới cùng tên.`,
  ),
  GRANT_NOT_CURRENT: errorText<{ node: string; found: number; version: number }>(
    'refused',
    (p) =>
      `The application follows grant version ${p.found} of ${p.node}, but version ${p.version} is the newest. The node must apply again under that one.`,
    (p) =>
      `Hồ sơ dẫn văn bản ủy quyền phiên bản ${p.found} của ${p.node}, nhưng phiên bản ${p.version} mới là bản mới nhất. Nút phải lập lại hồ sơ theo bản đó.`,
  ),
  GRANT_UNCHANGED: errorText<{ node: string; version: number }>(
    'input',
    (p) => `Nothing in it differs from version ${p.version} of the grant of ${p.node}. Nothing was drafted.`,
    (p) => `Không có gì khác phiên bản ${p.version} của văn bản ủy quyền của ${p.node}. Chưa lập dự thảo.`,
  ),
  GRANT_NARROWS: errorText<{ node: string; count: number }>(
    'input',
    (p) =>
      `The update takes something from ${p.node} (${p.count} change(s) below). Say when: --effective-from DATE or --grace-days N, so that both sides know the day, or --at-once.`,
    (p) =>
      `Bản sửa đổi thu hẹp phạm vi của ${p.node} (${p.count} thay đổi dưới đây). Hãy ghi thời điểm: --effective-from NGÀY hoặc --grace-days N để hai bên cùng biết ngày áp dụng, hoặc --at-once nếu áp dụng ngay.`,
  ),
  GRANT_EFFECT_PAST: errorText<{ effectiveFrom: string; now: string }>(
    'input',
    (p) => `${p.effectiveFrom} is past (it is ${p.now}): a version takes effect now or later.`,
    (p) =>
      `${p.effectiveFrom} đã qua (bây giờ là ${p.now}): phiên bản mới có hiệu lực từ bây giờ hoặc sau này.`,
  ),
  GRANT_BEYOND_CERTIFICATE: errorText<{ node: string; count: number }>(
    'refused',
    (p) =>
      `The CA certificate of ${p.node} does not allow this (${p.count} problem(s) below), and verifiers go by the certificate. A new CA certificate is needed first: draft the update with --with-next-key, then roll over the CA key.`,
    (p) =>
      `Chứng thư CA của ${p.node} không cho phép điều này (${p.count} lỗi dưới đây), mà phần mềm kiểm tra căn cứ vào chứng thư. Cần chứng thư CA mới: hãy lập dự thảo với --with-next-key rồi chuyển sang khóa CA mới.`,
  ),
  GRANT_NO_DRAFT: errorText<{ node: string }>(
    'input',
    (p) =>
      `No new version of the grant of ${p.node} waits for signature. Draft one: "rootca grant update ${p.node}".`,
    (p) =>
      `Không có dự thảo phiên bản mới nào của ${p.node} chờ ký. Hãy lập dự thảo: "rootca grant update ${p.node}".`,
  ),
  GRANT_DRAFT_SIGNED: errorText<{ node: string }>(
    'refused',
    (p) =>
      `A draft for ${p.node} is signed by an operator already. Have it signed by the others, or take it back: "rootca grant update ${p.node} --discard".`,
    (p) =>
      `Dự thảo cho ${p.node} đã có người vận hành ký. Hãy để những người còn lại ký, hoặc rút lại: "rootca grant update ${p.node} --discard".`,
  ),
  GRANT_DRAFT_STALE: errorText<{ node: string; version: number }>(
    'refused',
    (p) =>
      `The draft for ${p.node} does not follow version ${p.version}, which is the newest now. Discard it and draft anew.`,
    (p) =>
      `Dự thảo cho ${p.node} không nối tiếp phiên bản ${p.version}, nay là bản mới nhất. Hãy rút lại và lập dự thảo mới.`,
  ),
  GRANT_DRAFT_LATE: errorText<{ node: string; effectiveFrom: string }>(
    'refused',
    (p) =>
      `The draft for ${p.node} was to take effect at ${p.effectiveFrom}, which has passed: the node would have no grace left. Discard it and draft anew.`,
    (p) =>
      `Dự thảo cho ${p.node} dự kiến có hiệu lực từ ${p.effectiveFrom}, nay đã qua: nút không còn thời gian chuẩn bị. Hãy rút lại và lập dự thảo mới.`,
  ),
  GRANT_DRAFT_WITH_NEXT_KEY: errorText<{ node: string }>(
    'refused',
    (p) =>
      `The draft for ${p.node} waits for the next CA key: it is approved with the application of that key ("rootca application approve").`,
    (p) =>
      `Dự thảo cho ${p.node} chờ khóa CA kế tiếp: được phê duyệt cùng hồ sơ của khóa đó ("rootca application approve").`,
  ),
  GRANT_DRAFT_CHANGED: errorText<{ node: string }>(
    'unavailable',
    (p) => `The draft for ${p.node} has changed while it was being signed. Look at it and sign again.`,
    (p) => `Dự thảo cho ${p.node} đã thay đổi trong lúc ký. Hãy xem lại và ký lần nữa.`,
  ),
  KEY_OPENED: errorText<{ node: string; epoch: number; entries: number }>(
    'refused',
    (p) =>
      `The CA key of generation ${p.epoch} of ${p.node} has been taken into use: ${p.entries} entries of its journal are here. It cannot be replaced as lost; the node rolls over from it.`,
    (p) =>
      `Khóa CA thế hệ ${p.epoch} của ${p.node} đã được đưa vào sử dụng: nhật ký của khóa đã có ${p.entries} mục tại đây. Không thể thay khóa này như khóa bị mất; nút phải chuyển khóa từ khóa đó.`,
  ),
  KEY_REPLACED: errorText<{ node: string; epoch: number }>(
    'refused',
    (p) =>
      `The CA key of generation ${p.epoch} of ${p.node} was lost before it was taken into use, and another one was certified in its place. Nothing is given out for it any more.`,
    (p) =>
      `Khóa CA thế hệ ${p.epoch} của ${p.node} bị mất trước khi đưa vào sử dụng và đã có khóa khác được cấp chứng thư thay thế. Không giao thêm gì cho khóa này.`,
  ),
  NODE_UNKNOWN: errorText<{ node: string }>(
    'input',
    (p) => `There is no node ${p.node} here: no grant was made for it. See "rootca node list".`,
    (p) => `Ở đây không có nút ${p.node}: chưa có văn bản ủy quyền nào cho nút này. Xem "rootca node list".`,
  ),
  EPOCH_UNKNOWN: errorText<{ node: string; epoch: number; known: string }>(
    'input',
    (p) => `${p.node} has no CA key of generation ${p.epoch}. There are: ${p.known}.`,
    (p) => `${p.node} không có khóa CA thế hệ ${p.epoch}. Hiện có: ${p.known}.`,
  ),
  CA_OF_OTHER_ROOT: errorText<{ node: string; issuer: string }>(
    'refused',
    (p) =>
      `The CA certificate of ${p.node} was issued by ${p.issuer}, and only that root can revoke it. Have it revoked there, then bring its CRL: rootca grant issue --external-crl.`,
    (p) =>
      `Chứng thư CA của ${p.node} do ${p.issuer} cấp nên chỉ CA gốc đó thu hồi được. Hãy đề nghị thu hồi ở đó, rồi nhập danh sách thu hồi của họ: rootca grant issue --external-crl.`,
  ),
  FINDING_UNKNOWN: errorText<{ id: number }>(
    'input',
    (p) => `There is no finding ${p.id}. "rootca findings" lists them.`,
    (p) => `Không có phát hiện số ${p.id}. Xem danh sách: "rootca findings".`,
  ),
  FINDING_ACKNOWLEDGED: errorText<{ id: number; by: string }>(
    'refused',
    (p) => `Finding ${p.id} was acknowledged by ${p.by} already; what was signed stays.`,
    (p) => `Phát hiện số ${p.id} đã được ${p.by} ghi nhận; điều đã ký thì giữ nguyên.`,
  ),
  NODE_WITHDRAWN: errorText<{ node: string; sequence: number }>(
    'refused',
    (p) =>
      `The delegation of ${p.node} was withdrawn by directive ${p.sequence}, and that is final: a body that is to issue again applies under a new node name.`,
    (p) =>
      `Ủy quyền của ${p.node} đã bị thu hồi theo chỉ thị số ${p.sequence} và không khôi phục được: cơ quan muốn cấp chứng thư trở lại phải lập hồ sơ với tên nút mới.`,
  ),
  DIRECTIVE_WAITS: errorText<{ node: string; sequence: number }>(
    'refused',
    (p) =>
      `Directive ${p.sequence} for ${p.node} still waits for signatures. Sign it with "rootca directive approve ${p.node}", or drop a draft with "rootca directive discard ${p.node}".`,
    (p) =>
      `Chỉ thị số ${p.sequence} cho ${p.node} còn chờ chữ ký. Hãy ký bằng "rootca directive approve ${p.node}", hoặc bỏ bản dự thảo bằng "rootca directive discard ${p.node}".`,
  ),
  NO_DIRECTIVE_WAITS: errorText<{ node: string }>(
    'refused',
    (p) => `No directive for ${p.node} waits for that. See "rootca directive list ${p.node}".`,
    (p) => `Không có chỉ thị nào cho ${p.node} đang chờ thao tác này. Xem "rootca directive list ${p.node}".`,
  ),
  DIRECTIVE_CHANGED: errorText<{ node: string; sequence: number }>(
    'unavailable',
    (p) =>
      `Somebody else has worked on directive ${p.sequence} for ${p.node} meanwhile; nothing was kept. Look at it again, then repeat.`,
    (p) =>
      `Có người khác vừa thao tác với chỉ thị số ${p.sequence} cho ${p.node}; chưa lưu gì. Hãy xem lại rồi thực hiện lại.`,
  ),
  DIRECTIVE_UNKNOWN: errorText<{ node: string; sequence: number }>(
    'input',
    (p) => `There is no directive ${p.sequence} for ${p.node}.`,
    (p) => `Không có chỉ thị số ${p.sequence} cho ${p.node}.`,
  ),
  DIRECTIVE_POINTLESS: errorText<{ node: string; state: 'open' | 'suspended' | 'withdrawn' }>(
    'refused',
    (p) =>
      `The order would change nothing: by the directives so far, issuing at ${p.node} is ${p.state}. A withdrawal is final.`,
    (p) =>
      `Chỉ thị này không thay đổi gì: theo các chỉ thị đã có, việc cấp chứng thư tại ${p.node} ${ISSUANCE[p.state]}. Việc thu hồi ủy quyền không hủy được.`,
  ),
  CERTIFICATE_OF_OTHER_NODE: errorText<{ node: string; serialNumber: string }>(
    'input',
    (p) =>
      `The serial number ${p.serialNumber} names no CA key of ${p.node}. "rootca inspect FILE" tells whose a certificate is.`,
    (p) =>
      `Số hiệu ${p.serialNumber} không thuộc khóa CA nào của ${p.node}. Lệnh "rootca inspect TỆP" cho biết chứng thư của nút nào.`,
  ),
  INVALIDITY_DATE_AHEAD: nodeErrors.INVALIDITY_DATE_AHEAD,
  LINT_FAILED: errorText<{ what: string; count: number }>(
    'refused',
    (p) =>
      `The certificate for ${p.what} would break ${p.count} rule(s), see below. The token was not asked to sign it; "rootca lint --list" explains each rule.`,
    (p) =>
      `Chứng thư cho ${p.what} sẽ vi phạm ${p.count} quy tắc, xem dưới đây. Chưa yêu cầu token ký; lệnh "rootca lint --list" giải thích từng quy tắc.`,
  ),
  EXTERNAL_ROOT_UNFIT: errorText<{ name: string; count: number }>(
    'refused',
    (p) => `${p.name} cannot be named as an external root (${p.count} problem(s) below). Nothing was signed.`,
    (p) => `Không thể ghi nhận ${p.name} là CA gốc bên ngoài (${p.count} lỗi dưới đây). Chưa ký gì.`,
  ),
  EXTERNAL_ROOT_UNKNOWN: errorText<{ found: string; known: string }>(
    'refused',
    (p) =>
      `The trust statement in force names no external root ${p.found}; it names: ${p.known}. Name one with "rootca trust sign --external-root FILE".`,
    (p) =>
      `Bản tuyên bố tin cậy hiện hành không ghi CA gốc bên ngoài ${p.found}; đang ghi: ${p.known}. Hãy thêm bằng "rootca trust sign --external-root TỆP".`,
  ),
  EXTERNAL_ROOT_SEVERAL: errorText<{ known: string }>(
    'input',
    (p) => `The trust statement names several external roots: ${p.known}. Choose one with --external-root.`,
    (p) => `Bản tuyên bố tin cậy ghi nhiều CA gốc bên ngoài: ${p.known}. Hãy chọn một bằng --external-root.`,
  ),
  EXTERNAL_CERTIFICATE_UNFIT: errorText<{ node: string; count: number }>(
    'refused',
    (p) =>
      `The certificate for ${p.node} is not the one that was asked for: ${p.count} difference(s) below. Nothing was kept; have it issued anew from the files of "rootca grant issue --external".`,
    (p) =>
      `Chứng thư cho ${p.node} không đúng như đã yêu cầu: ${p.count} điểm khác dưới đây. Chưa lưu gì; hãy đề nghị cấp lại theo các tệp của "rootca grant issue --external".`,
  ),
  EXTERNAL_CERTIFICATE_OTHER: errorText<{ node: string; found: string; kept: string }>(
    'refused',
    (p) =>
      `${p.node} has a CA certificate for this grant already, ${p.kept}; the one given is ${p.found}. A second one is not taken.`,
    (p) =>
      `${p.node} đã có chứng thư CA cho văn bản ủy quyền này, ${p.kept}; chứng thư được đưa vào là ${p.found}. Không nhận chứng thư thứ hai.`,
  ),
  CA_CERTIFICATE_REVOKED: errorText<{ node: string; since: string; file: string }>(
    'refused',
    (p) =>
      `The CA certificate of ${p.node} was revoked as of ${p.since}. The CRL that says so is kept, and is in ${p.file}: have the node take that with "subca activate", which publishes the CRL; it issues nothing more.`,
    (p) =>
      `Chứng thư CA của ${p.node} đã bị thu hồi từ ${p.since}. CRL xác nhận việc này đã được lưu và có trong ${p.file}: hãy để nút nhận tệp bằng "subca activate", nút sẽ công bố CRL và không cấp chứng thư nữa.`,
  ),
  SUBMISSION_REFUSED: errorText<{ reason: string }>(
    'refused',
    (p) => `The submission is not accepted: ${p.reason}.`,
    (p) => `Không chấp nhận lần gửi: ${p.reason}.`,
  ),
  SUBMISSION_ALTERED: errorText<{ size: number }>(
    'integrity',
    (p) =>
      `The entries do not give the head of ${p.size} entries that the node signed: they were altered on their way or in the node's database. Nothing was taken; run "subca verify" at the node, then send again.`,
    (p) =>
      `Các mục không khớp với đầu nhật ký ${p.size} mục mà nút đã ký: đã bị sửa trên đường chuyển hoặc trong cơ sở dữ liệu của nút. Chưa tiếp nhận gì; hãy chạy "subca verify" tại nút rồi gửi lại.`,
  ),
  CLOCK_BEHIND: errorText<{ now: string; last: string }>(
    'unavailable',
    (p) =>
      `The clock says ${p.now}, but the newest entry of the root's journal is of ${p.last}. Nothing is done until the clock is right: check the time source.`,
    (p) =>
      `Đồng hồ máy là ${p.now}, nhưng mục mới nhất trong nhật ký của CA gốc là ${p.last}. Không thực hiện gì cho đến khi đồng hồ đúng: hãy kiểm tra nguồn thời gian.`,
  ),
  JOURNAL_EMPTY: errorText(
    'input',
    () => 'The root has no journal yet: run "rootca init" to its end first.',
    () => 'CA gốc chưa có nhật ký: hãy chạy "rootca init" cho xong trước.',
  ),
  HEAD_CONTRADICTED: errorText<{ size: number; held: number }>(
    'integrity',
    (p) =>
      `The root's journal (${p.held} entries) does not go on from the head of ${p.size} entries that was signed earlier: it was written anew or set back. Keep the database as it is, and find out who had access to it.`,
    (p) =>
      `Nhật ký của CA gốc (${p.held} mục) không nối tiếp đầu nhật ký ${p.size} mục đã ký trước đây: nhật ký đã bị ghi lại hoặc bị lùi về bản cũ. Hãy giữ nguyên cơ sở dữ liệu và làm rõ ai đã truy cập.`,
  ),
  STORED_DIFFERS: errorText<{ what: string; reason: string }>(
    'integrity',
    (p) => `${p.what} in the root's database is not as it must be: ${p.reason}.`,
    (p) => `${p.what} trong cơ sở dữ liệu của CA gốc không như phải có: ${p.reason}.`,
  ),
} as const;
