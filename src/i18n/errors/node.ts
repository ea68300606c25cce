/** What can go wrong at the delegated body's node. */
import { formatDate } from '../dates';
import { changeTexts } from '../messages/certificateLife';
import { statusTexts } from '../messages/subca';
import { errorText, text, type Lang } from '../text';
import { nodeSyncErrors } from './nodeSync';

const standings = {
  ...statusTexts,
  expired: text(
    () => 'expired',
    () => 'hết hạn',
  ),
} as const;

interface Standing {
  readonly serialNumber: string;
  readonly status: keyof typeof standings;
}

interface StatusChange extends Standing {
  readonly change: keyof typeof changeTexts;
}

const standing = (p: Standing, lang: Lang): string => standings[p.status][lang]({});

const isRepeated = ({ status, change }: StatusChange): boolean => status === 'revoked' && change === status;

/** A key's role as people call it; the CA key of a later generation is called as the first. */
function roleOf(role: string): string {
  if (role === 'journal') return 'nhật ký';
  return role.startsWith('ca') ? 'CA' : role.toUpperCase();
}

export const nodeErrors = {
  // The node and its state
  ALREADY_INITIALISED: errorText<{ directory: string }>(
    'input',
    (p) => `${p.directory} already holds a node. Choose another --dir, or go on with "subca apply".`,
    (p) => `${p.directory} đã có một nút. Hãy chọn --dir khác, hoặc tiếp tục bằng lệnh "subca apply".`,
  ),
  NOT_INITIALISED: errorText<{ directory: string }>(
    'input',
    (p) => `${p.directory} holds no node. Run "subca init" first, or give the right --dir.`,
    (p) => `${p.directory} chưa có nút nào. Hãy chạy "subca init" trước, hoặc chỉ đúng --dir.`,
  ),
  KEY_MISSING: errorText<{ role: string }>(
    'integrity',
    (p) =>
      `The node's ${p.role} key was never recorded. Run "subca init" again with the same options to finish it.`,
    (p) =>
      `Chưa ghi nhận khóa ${roleOf(p.role)} của nút. Hãy chạy lại "subca init" với cùng tham số để hoàn tất.`,
  ),
  CEREMONY_NOT_SEALED: errorText(
    'refused',
    () =>
      'This node’s keys come out of a key ceremony, and no record of the one for this CA key is sealed here. Hold it and seal it: "subca ceremony run", "subca ceremony seal".',
    () =>
      'Khóa của nút này được sinh qua lễ sinh khóa, nhưng chưa có biên bản nào cho khóa CA này được niêm phong. Hãy tiến hành và niêm phong: "subca ceremony run", "subca ceremony seal".',
  ),
  NOT_ACTIVATED: errorText(
    'refused',
    () => 'This node has no grant yet. Send its application to the root operator, then run "subca activate".',
    () => 'Nút này chưa được ủy quyền. Hãy gửi hồ sơ đề nghị đến CA gốc, sau đó chạy "subca activate".',
  ),
  ALREADY_ACTIVATED: errorText<{ node: string; version: number }>(
    'refused',
    (p) =>
      `The node ${p.node} has its grant already (version ${p.version}); the root takes no second first application for it. For the next CA key: "subca rollover begin". For other contents of the grant, ask the root operator.`,
    (p) =>
      `Nút ${p.node} đã được ủy quyền (phiên bản ${p.version}); CA gốc không nhận hồ sơ lần đầu thứ hai cho nút này. Để chuyển sang khóa CA kế tiếp: "subca rollover begin". Nếu cần thay đổi nội dung ủy quyền, hãy đề nghị bên CA gốc.`,
  ),
  LEASE_OVER: errorText(
    'refused',
    () =>
      'The root has not confirmed this journal for too long (see below), so this is not issued. Run "subca sync", or carry "subca sync export" to the root and its answer back. Revocation, CRLs and status answers go on.',
    () =>
      'Đã quá thời hạn mất liên lạc với CA gốc (xem dưới đây): quá lâu chưa có biên nhận cho nhật ký, nên không cấp chứng thư này. Hãy chạy "subca sync", hoặc chuyển tệp của "subca sync export" đến CA gốc rồi nhận tệp trả lời. Thu hồi, công bố danh sách và kiểm tra trực tuyến vẫn tiếp tục.',
  ),
  STORED_DOCUMENT: errorText<{ what: string; reason: string }>(
    'integrity',
    (p) =>
      `The stored ${p.what} is no longer what was accepted: ${p.reason}. Stop and call the root operator.`,
    (p) => `${p.what} đã lưu không còn như khi tiếp nhận: ${p.reason}. Hãy dừng lại và báo CA gốc.`,
  ),
  CA_CERTIFICATE_REVOKED: errorText<{ epoch: number; since: string }>(
    'refused',
    (p) =>
      `The root has revoked the certificate of CA key ${p.epoch}, as of ${p.since}: nothing more is issued under it. Revocation, CRLs, status checks and synchronisation go on. Call the root operator; a new CA key needs a certificate of its own ("subca rollover").`,
    (p) =>
      `CA gốc đã thu hồi chứng thư của khóa CA ${p.epoch}, từ ${p.since}: không cấp chứng thư dưới khóa này nữa. Việc thu hồi, CRL, kiểm tra trực tuyến và đồng bộ vẫn tiếp tục. Hãy báo CA gốc; khóa CA mới cần chứng thư riêng ("subca rollover").`,
  ),
  CLOCK_BEHIND: errorText<{ now: string; last: string }>(
    'unavailable',
    (p) =>
      `The clock says ${p.now}, but the journal's newest entry is of ${p.last}. Nothing is signed until the clock is right: check the time source.`,
    (p) =>
      `Đồng hồ máy là ${p.now}, nhưng mục mới nhất của nhật ký là ${p.last}. Không ký gì cho đến khi đồng hồ đúng: hãy kiểm tra nguồn thời gian.`,
  ),
  RULE_WOULD_BREAK: errorText<{ finding: string }>(
    'fault',
    (p) =>
      `The entry would break a rule of the journal (${p.finding}); it was not written. Please report this.`,
    (p) => `Mục này vi phạm quy tắc nhật ký (${p.finding}) nên không được ghi. Vui lòng báo lỗi này.`,
  ),

  // Issuance
  PROFILE_UNKNOWN: errorText<{ profile: string; known: string }>(
    'input',
    (p) => `There is no profile "${p.profile}". Profiles here: ${p.known}.`,
    (p) => `Không có mẫu chứng thư "${p.profile}". Các mẫu hiện có: ${p.known}.`,
  ),
  PROFILE_NOT_FOR_SUBSCRIBERS: errorText<{ profile: string }>(
    'refused',
    (p) => `The profile "${p.profile}" is for the node's own keys, not for subscribers.`,
    (p) => `Mẫu "${p.profile}" dành cho khóa của chính nút, không dùng cấp cho thuê bao.`,
  ),
  REQUEST_UNFIT: errorText<{ profile: string; count: number }>(
    'input',
    (p) =>
      `The request does not fit the profile "${p.profile}" (${p.count} problem(s) below). Nothing was issued.`,
    (p) => `Yêu cầu không phù hợp mẫu "${p.profile}" (${p.count} lỗi dưới đây). Chưa cấp chứng thư nào.`,
  ),
  LINT_FAILED: errorText<{ profile: string; count: number }>(
    'refused',
    (p) =>
      `A certificate under the profile "${p.profile}" would break ${p.count} rule(s), see below. The token was not asked to sign it; "subca lint --list" explains each rule.`,
    (p) =>
      `Chứng thư theo mẫu "${p.profile}" sẽ vi phạm ${p.count} quy tắc, xem dưới đây. Chưa yêu cầu token ký; lệnh "subca lint --list" giải thích từng quy tắc.`,
  ),
  LINTER_REFUSED: errorText<{ program: string; ended: string; output: string }>(
    'refused',
    (p) =>
      `The linter ${p.program} refuses the certificate (it ended with ${p.ended}): ${p.output}. Nothing was issued.`,
    (p) =>
      `Chương trình kiểm tra ${p.program} từ chối chứng thư (kết thúc với mã ${p.ended}): ${p.output}. Chưa cấp chứng thư nào.`,
  ),
  LINTER_TIMED_OUT: errorText<{ program: string; seconds: number }>(
    'unavailable',
    (p) =>
      `The linter ${p.program} gave no answer in ${p.seconds} second(s) and was ended. Nothing was issued; try it by hand, or raise lint.external.timeoutSeconds in config.yaml.`,
    (p) =>
      `Chương trình kiểm tra ${p.program} không trả lời trong ${p.seconds} giây nên đã bị dừng. Chưa cấp chứng thư nào; hãy chạy thử bằng tay, hoặc tăng lint.external.timeoutSeconds trong config.yaml.`,
  ),
  LINTER_UNUSABLE: errorText<{ program: string; reason: string }>(
    'input',
    (p) =>
      `The linter ${p.program} cannot be run (${p.reason}). Nothing is issued without it: install it, or take lint.external out of config.yaml.`,
    (p) =>
      `Không chạy được chương trình kiểm tra ${p.program} (${p.reason}). Không cấp chứng thư khi thiếu chương trình này: hãy cài đặt, hoặc bỏ lint.external khỏi config.yaml.`,
  ),
  KEY_REUSED: errorText(
    'refused',
    () =>
      'The key of the request was certified for another subject before (see below); a key belongs to one subscriber. Nothing was issued. Have the subscriber generate a key pair of their own and make a new request.',
    () =>
      'Khóa trong yêu cầu đã được cấp chứng thư cho chủ thể khác (xem dưới đây); mỗi khóa chỉ thuộc về một thuê bao. Chưa cấp chứng thư nào. Đề nghị thuê bao tự sinh cặp khóa riêng và tạo yêu cầu mới.',
  ),
  KEY_COMPROMISED: errorText(
    'refused',
    () =>
      'A certificate for this very key was revoked because its private key was exposed (see below). Nothing was issued, and nothing ever will be for this key. Have the subscriber generate a new key pair and make a new request.',
    () =>
      'Chứng thư của chính khóa này đã bị thu hồi vì khóa bí mật bị lộ (xem dưới đây). Chưa cấp chứng thư nào và khóa này không được cấp nữa. Đề nghị thuê bao sinh cặp khóa mới và tạo yêu cầu mới.',
  ),
  KEY_OF_NODE: errorText<{ role: string }>(
    'refused',
    (p) =>
      `The key of the request is the node's own ${p.role} key; it is never certified for a subscriber. Nothing was issued. Find out how the request came about, then have the subscriber generate a key pair of their own.`,
    (p) =>
      `Khóa trong yêu cầu là khóa ${roleOf(p.role)} của chính nút này, không bao giờ cấp cho thuê bao. Chưa cấp chứng thư nào. Hãy làm rõ yêu cầu này từ đâu ra, sau đó đề nghị thuê bao tự sinh cặp khóa riêng.`,
  ),
  KEY_KNOWN_WEAK: errorText<{ list: string }>(
    'input',
    (p) =>
      `The key of the request stands on the list of known weak keys ${p.list}: its private key is public knowledge. Have the subscriber generate a new key pair with current software and make a new request.`,
    (p) =>
      `Khóa trong yêu cầu có trong danh sách khóa yếu đã biết ${p.list}: ai cũng có thể biết khóa bí mật. Đề nghị thuê bao sinh cặp khóa mới bằng phần mềm hiện hành và tạo yêu cầu mới.`,
  ),
  WEAK_KEYS_UNREADABLE: errorText<{ list: string; reason: string }>(
    'input',
    (p) =>
      `The list of known weak keys ${p.list} cannot be used: ${p.reason}. Correct keyChecks.weakKeys in config.yaml, or put the file right; nothing is issued for RSA keys meanwhile.`,
    (p) =>
      `Không dùng được danh sách khóa yếu ${p.list}: ${p.reason}. Hãy sửa keyChecks.weakKeys trong config.yaml hoặc sửa tệp; trong khi đó không cấp chứng thư cho khóa RSA.`,
  ),
  TBS_CHANGED: errorText<{ serialNumber: string }>(
    'integrity',
    (p) =>
      `The contents of certificate ${p.serialNumber} are no longer those that were checked. It was not signed and is abandoned; have the memory of this machine checked.`,
    (p) =>
      `Nội dung chứng thư ${p.serialNumber} không còn đúng như khi được kiểm tra. Chứng thư chưa được ký và bị hủy bỏ; hãy kiểm tra bộ nhớ của máy này.`,
  ),
  SIGNATURE_WRONG: errorText<{ serialNumber: string }>(
    'integrity',
    (p) =>
      `The token's signature for certificate ${p.serialNumber} does not verify. The certificate is abandoned and revoked; have the HSM checked.`,
    (p) =>
      `Chữ ký của thiết bị HSM cho chứng thư ${p.serialNumber} không đúng. Chứng thư bị hủy bỏ và thu hồi; hãy kiểm tra HSM.`,
  ),
  CA_KEY_SUCCEEDED: errorText(
    'unavailable',
    () =>
      'The CA key was rolled over while this command was running. What it had not finished was not issued; run it again, and the new key signs.',
    () =>
      'Khóa CA đã được chuyển sang khóa mới trong khi lệnh này đang chạy. Phần chưa xong chưa được cấp; hãy chạy lại lệnh, khóa mới sẽ ký.',
  ),
  ISSUANCE_SUSPENDED: errorText<{ sequence: number; issuedAt: string; reason: string }>(
    'refused',
    (p) =>
      `The root operators have suspended issuing (directive ${p.sequence} of ${formatDate(new Date(p.issuedAt), 'en')}: ${p.reason}). Nothing was issued; revocation, CRLs and status checks go on. Their directive to resume comes with "subca sync".`,
    (p) =>
      `CA gốc đã tạm dừng việc cấp chứng thư (chỉ thị số ${p.sequence} ngày ${formatDate(new Date(p.issuedAt), 'vi')}: ${p.reason}). Chưa cấp chứng thư nào; việc thu hồi, danh sách chứng thư bị thu hồi và kiểm tra trực tuyến vẫn tiếp tục. Chỉ thị cho cấp lại sẽ đến khi chạy "subca sync".`,
  ),
  ISSUANCE_WITHDRAWN: errorText<{ sequence: number; issuedAt: string; reason: string }>(
    'refused',
    (p) =>
      `The root operators have withdrawn the delegation (directive ${p.sequence} of ${formatDate(new Date(p.issuedAt), 'en')}: ${p.reason}). This node never issues again; keep its service running, so that CRLs and status checks go on until its last certificate has expired.`,
    (p) =>
      `CA gốc đã thu hồi ủy quyền (chỉ thị số ${p.sequence} ngày ${formatDate(new Date(p.issuedAt), 'vi')}: ${p.reason}). Nút này không cấp chứng thư nữa; hãy giữ dịch vụ hoạt động để danh sách chứng thư bị thu hồi và kiểm tra trực tuyến được duy trì đến khi chứng thư cuối cùng hết hạn.`,
  ),
  BATCH_INVALID: errorText<{ file: string; rows: number }>(
    'input',
    (p) => `${p.file}: ${p.rows} row(s) cannot be issued (see below). No row was issued.`,
    (p) => `${p.file}: ${p.rows} dòng không cấp được (xem dưới đây). Chưa cấp dòng nào.`,
  ),

  // Applying
  SURVEY_INVALID: errorText<{ file: string; count: number }>(
    'input',
    (p) => `${p.file}: ${p.count} error(s) in the needs survey (see below). Nothing was written.`,
    (p) => `${p.file}: bảng khảo sát nhu cầu có ${p.count} lỗi (xem dưới đây). Chưa ghi gì.`,
  ),
  ANSWER_FOREIGN: errorText<{ application: string; node: string }>(
    'refused',
    (p) =>
      `The answer is for the application ${p.application} of ${p.node}, which this node did not make. Nothing was kept.`,
    (p) =>
      `Văn bản trả lời dành cho hồ sơ ${p.application} của ${p.node}, không phải hồ sơ do nút này lập. Chưa lưu gì.`,
  ),
  ANSWER_OTHER: errorText<{ application: string; kept: string; found: string }>(
    'refused',
    (p) =>
      `The application ${p.application} has an answer already, ${p.kept}; this is another one, ${p.found}. Ask the root operator which of them stands.`,
    (p) =>
      `Hồ sơ ${p.application} đã có văn bản trả lời ${p.kept}; đây là một văn bản khác, ${p.found}. Hãy hỏi bên CA gốc văn bản nào có giá trị.`,
  ),
  ANSWER_REPLAYED: errorText<{ application: string; mended: string }>(
    'refused',
    (p) =>
      `The answer is an old one: it is for the application ${p.application}, which the application ${p.mended} has mended since. Wait for the answer to that one.`,
    (p) =>
      `Đây là văn bản trả lời cũ, cho hồ sơ ${p.application}; hồ sơ này đã được bổ sung bằng hồ sơ ${p.mended}. Hãy chờ trả lời cho hồ sơ đó.`,
  ),

  // Rolling over the CA key
  ROLLOVER_BY_CEREMONY: errorText<{ epoch: number; role: string }>(
    'refused',
    (p) =>
      `This node's keys come out of a key ceremony, and so does the CA key of generation ${p.epoch}: nothing was made. Plan a ceremony with the one key "role: ${p.role}" (config-templates/ceremony-subca-rollover.yaml), hold and seal it, then go on with "subca rollover apply".`,
    (p) =>
      `Khóa của nút này được sinh qua lễ sinh khóa, khóa CA thế hệ ${p.epoch} cũng vậy: chưa sinh khóa nào. Hãy lập kế hoạch lễ chỉ có một khóa "role: ${p.role}" (config-templates/ceremony-subca-rollover.yaml), tiến hành và niêm phong, sau đó tiếp tục bằng "subca rollover apply".`,
  ),
  ROLLOVER_PENDING: errorText<{ epoch: number }>(
    'refused',
    (p) =>
      `The CA key of generation ${p.epoch} is made already and waits for its certificate. Go on with "subca rollover apply", or with "subca rollover activate" when the grant has come. If the key is lost: "subca rollover begin --replace ${p.epoch}" (after a ceremony: one for the generation after it).`,
    (p) =>
      `Khóa CA thế hệ ${p.epoch} đã được sinh và đang chờ chứng thư. Hãy tiếp tục bằng "subca rollover apply", hoặc "subca rollover activate" khi đã nhận văn bản ủy quyền. Nếu khóa bị mất: "subca rollover begin --replace ${p.epoch}" (nếu sinh khóa qua lễ: tổ chức lễ cho thế hệ kế tiếp nữa).`,
  ),
  ROLLOVER_NOT_BEGUN: errorText<{ epoch: number }>(
    'refused',
    (p) => `There is no CA key of generation ${p.epoch} yet. Make it first: "subca rollover begin".`,
    (p) => `Chưa có khóa CA thế hệ ${p.epoch}. Hãy sinh khóa trước: "subca rollover begin".`,
  ),
  KEY_KNOWN: errorText<{ epoch: number }>(
    'refused',
    (p) =>
      `The CA key of generation ${p.epoch} is known here already. For entries that are missing: "subca recover".`,
    (p) => `Khóa CA thế hệ ${p.epoch} đã được biết ở đây. Để lấy lại các mục còn thiếu: "subca recover".`,
  ),
  KEY_NOT_ON_TOKEN: errorText<{ token: string; label: string }>(
    'unavailable',
    (p) =>
      `The token ${p.token} has no key ${p.label}, or another than is recorded here. Put the token in place that it was made on.`,
    (p) =>
      `Token ${p.token} không có khóa ${p.label}, hoặc có khóa khác với khóa đã ghi nhận. Hãy gắn đúng token đã sinh khóa đó.`,
  ),
  KEY_REGAINED: errorText<{ epoch: number }>(
    'integrity',
    (p) =>
      `The CA key of generation ${p.epoch} was taken into use after this copy of the directory was made, and its journal has not come back yet. Next: subca recover.`,
    (p) =>
      `Khóa CA thế hệ ${p.epoch} được đưa vào sử dụng sau khi bản sao này được tạo, và nhật ký của khóa chưa được lấy lại. Tiếp theo: subca recover.`,
  ),
  ROLLOVER_REPLACED: errorText<{ epoch: number; by: number }>(
    'refused',
    (p) =>
      `The CA key of generation ${p.epoch} was given up as lost, and generation ${p.by} made in its place: it is not taken into use any more. Apply for generation ${p.by}: "subca rollover apply".`,
    (p) =>
      `Khóa CA thế hệ ${p.epoch} đã bị bỏ vì mất và thế hệ ${p.by} được sinh thay thế: không đưa khóa đó vào sử dụng nữa. Hãy lập hồ sơ cho thế hệ ${p.by}: "subca rollover apply".`,
  ),
  ROLLOVER_LAST: errorText<{ epoch: number }>(
    'refused',
    (p) =>
      `Generation ${p.epoch} is the last that a serial number can name. Ask the root operator for a new node.`,
    (p) =>
      `Thế hệ ${p.epoch} là thế hệ cuối cùng mà số hiệu chứng thư thể hiện được. Hãy đề nghị CA gốc cấp nút mới.`,
  ),

  // Status
  CERTIFICATE_UNKNOWN: errorText<{ serialNumber: string }>(
    'input',
    (p) => `This node never issued a certificate with the serial number ${p.serialNumber}.`,
    (p) => `Nút này chưa từng cấp chứng thư có số hiệu ${p.serialNumber}.`,
  ),
  NEVER_ISSUED: errorText<Standing>(
    'refused',
    (p) =>
      `${p.serialNumber} never became a certificate (${standing(p, 'en')}): there is no signature that could be proved.`,
    (p) =>
      `Số hiệu ${p.serialNumber} chưa thành chứng thư (${standing(p, 'vi')}): không có chữ ký nào để chứng minh.`,
  ),
  STATUS_CHANGE_REFUSED: errorText<StatusChange>(
    'refused',
    (p) =>
      `Certificate ${p.serialNumber} is ${standing(p, 'en')}: it cannot be ${changeTexts[p.change].en({})}.${isRepeated(p) ? ' Of a revoked certificate only one thing can still be told, once: that its key was exposed (--reason keyCompromise).' : ''}`,
    (p) =>
      `Chứng thư ${p.serialNumber} đang ở trạng thái ${standing(p, 'vi')}: không thể ${changeTexts[p.change].vi({})}.${isRepeated(p) ? ' Với chứng thư đã thu hồi chỉ còn có thể ghi nhận thêm, một lần, rằng khóa bí mật bị lộ (--reason keyCompromise).' : ''}`,
  ),
  CRL_NOT_PUBLISHED: errorText<Standing & { reason: string; reasonVi: string }>(
    'unavailable',
    (p) =>
      `Certificate ${p.serialNumber} is ${standing(p, 'en')} now, and status checks say so; only the CRL that tells it could not be made: ${p.reason} Do not repeat the change: "subca serve" publishes the CRL within a minute once it can be signed, and so does "subca crl publish".`,
    (p) =>
      `Chứng thư ${p.serialNumber} nay ở trạng thái ${standing(p, 'vi')} và kiểm tra trực tuyến đã trả lời như vậy; chỉ có danh sách chứng thư bị thu hồi (CRL) mới là chưa tạo được: ${p.reasonVi} Không thực hiện lại thao tác này: "subca serve" sẽ công bố danh sách trong vòng một phút kể từ khi ký được, hoặc hãy chạy "subca crl publish".`,
  ),
  INVALIDITY_DATE_AHEAD: errorText<{ since: string; now: string }>(
    'input',
    (p) =>
      `The key cannot be exposed since ${formatDate(new Date(p.since), 'en')}: that is still to come (it is ${formatDate(new Date(p.now), 'en')}). Give the day on which the exposure became known, or leave --since out.`,
    (p) =>
      `Thời điểm khóa bị lộ ${formatDate(new Date(p.since), 'vi')} chưa đến (bây giờ là ${formatDate(new Date(p.now), 'vi')}). Hãy ghi ngày phát hiện khóa bị lộ, hoặc bỏ --since.`,
  ),
  CHANGE_POINTLESS: errorText<{ serialNumber: string }>(
    'input',
    (p) =>
      `Nothing would change: the new certificate would say what ${p.serialNumber} says, which would be revoked. Nothing was issued. Give what is to change: --subject, --without, or --csr with other names or another key.`,
    (p) =>
      `Không có gì thay đổi: chứng thư mới sẽ có nội dung như ${p.serialNumber}, còn chứng thư này sẽ bị thu hồi. Chưa cấp chứng thư nào. Hãy ghi nội dung cần thay đổi: --subject, --without, hoặc --csr có tên hoặc khóa khác.`,
  ),
  CERTIFICATE_ENDED: errorText<Standing & { since: string }>(
    'refused',
    (p) =>
      `For this very request the certificate ${p.serialNumber} was issued before, and it is ${standing(p, 'en')} since ${formatDate(new Date(p.since), 'en')}. It is not certified once more, and nothing was issued. ${p.status === 'suspended' ? `To put it into force again: "subca resume ${p.serialNumber}".` : 'If the subscriber is to have a certificate again, have them make a new request.'} In a batch, take the row out.`,
    (p) =>
      `Chính yêu cầu này đã được cấp chứng thư ${p.serialNumber}, và chứng thư đó ở trạng thái ${standing(p, 'vi')} từ ${formatDate(new Date(p.since), 'vi')}. Không cấp lại cho cùng yêu cầu; chưa cấp chứng thư nào. ${p.status === 'suspended' ? `Để chứng thư có hiệu lực trở lại: "subca resume ${p.serialNumber}".` : 'Nếu thuê bao cần chứng thư mới, đề nghị thuê bao tạo yêu cầu mới.'} Khi cấp hàng loạt, hãy bỏ dòng này khỏi tệp.`,
  ),
  ...nodeSyncErrors,
  PUBLISHED_DIFFERS: errorText<{ what: string; reason: string }>(
    'integrity',
    (p) => `${p.what} does not agree with the journal: ${p.reason}.`,
    (p) => `${p.what} không khớp với nhật ký: ${p.reason}.`,
  ),
} as const;
