/** What `rootca grant issue --external` says, and tells the operator of the external root in the files it writes. */
import { formatDate } from '../dates';
import { text } from '../text';

interface Order {
  readonly application: string;
  readonly node: string;
  readonly organisation: string;
  readonly subject: string;
  readonly key: string;
  readonly issuer: string;
  readonly issuerSha256: string;
  /** Signature algorithms, the usual one first. */
  readonly algorithms: string;
  /** What OpenSSL calls the digest of the usual one. */
  readonly digest: string;
  readonly days: number;
  /** ISO 8601. */
  readonly notAfter: string;
  readonly section: string;
}

/** Above the section of `openssl.cnf`. */
export const opensslComments: readonly string[] = [
  'Phần mở rộng của chứng thư CA cấp dưới, đúng từng octet; không sửa, không thêm, không bớt.',
  'Chỉ có thể thêm crlDistributionPoints và authorityInfoAccess của CA gốc bên ngoài (không đánh dấu quan trọng).',
  'The extensions of the sub-CA certificate, octet for octet; change, add and leave out nothing.',
  'Only the external root’s own crlDistributionPoints and authorityInfoAccess may be added (not critical):',
  '  crlDistributionPoints = URI:http://…/root.crl',
  '  authorityInfoAccess = caIssuers;URI:http://…/root.crt',
];

export const externalReadme = text<Order>(
  (p) => `HOW TO ISSUE THIS SUB-CA CERTIFICATE

For:          ${p.organisation} (node ${p.node})
Application:  ${p.application}
Subject:      ${p.subject}
Key:          ${p.key}
Issuer:       ${p.issuer}
              certificate SHA-256 ${p.issuerSha256}

1. Compare the application number and the key above with what the root operator tells you by another way
   than these files.
2. Issue the certificate from request.pem with exactly the subject of the request, byte for byte, and exactly
   the extensions of profile.json. For each of them, "value" is the DER of the extension's value in hexadecimal
   digits, "text" says what it means. Take no extension from anywhere else, except where the CRL and the
   certificate of the issuer are to be found (crlDistributionPoints, authorityInfoAccess, not critical): put in
   your own, so that verifiers find your CRL.
3. From notBefore to notAfter at most ${p.days} days; notAfter not after ${p.notAfter}.
   Signed by ${p.algorithms}.
4. With OpenSSL:

   openssl x509 -req -in request.pem -CA root.pem -CAkey root.key -${p.digest} -days ${p.days} \\
     -extfile openssl.cnf -extensions ${p.section} -out certificate.pem

   or, with a CA database, "openssl ca -preserveDN -extfile openssl.cnf -extensions ${p.section}", string
   types of the subject left as they are.
5. Make a new CRL of your root, with a CRL number; it must be valid and cover CA certificates.
6. Send back two files, PEM or DER: the certificate and the CRL. The root operator runs

   rootca grant issue ${p.application.slice(0, 12)} --certificate certificate.pem --external-crl root.crl \\
     --out grant.bundle

   which compares every field with the grant and names each difference.`,
  (p) => `CÁCH CẤP CHỨNG THƯ CA CẤP DƯỚI NÀY

Cấp cho:      ${p.organisation} (nút ${p.node})
Hồ sơ:        ${p.application}
Chủ thể:      ${p.subject}
Khóa:         ${p.key}
Bên cấp:      ${p.issuer}
              SHA-256 của chứng thư ${p.issuerSha256}

1. Đối chiếu số hồ sơ và khóa ở trên với thông tin do bên vận hành CA gốc báo qua một đường khác với các tệp
   này.
2. Cấp chứng thư từ request.pem với đúng chủ thể trong yêu cầu, từng byte, và đúng các phần mở rộng trong
   profile.json. Với mỗi phần mở rộng, "value" là mã DER của giá trị, viết theo hệ mười sáu; "text" nói rõ ý
   nghĩa. Không lấy phần mở rộng nào từ nơi khác, trừ nơi công bố CRL và chứng thư của bên cấp
   (crlDistributionPoints, authorityInfoAccess, không đánh dấu quan trọng): hãy ghi địa chỉ của mình để người kiểm tra tìm
   được CRL.
3. Từ notBefore đến notAfter nhiều nhất ${p.days} ngày; notAfter không sau ${p.notAfter}.
   Thuật toán ký: ${p.algorithms}.
4. Với OpenSSL:

   openssl x509 -req -in request.pem -CA root.pem -CAkey root.key -${p.digest} -days ${p.days} \\
     -extfile openssl.cnf -extensions ${p.section} -out certificate.pem

   hoặc, nếu dùng cơ sở dữ liệu CA, "openssl ca -preserveDN -extfile openssl.cnf -extensions ${p.section}",
   giữ nguyên kiểu chuỗi của chủ thể.
5. Lập CRL mới của CA gốc bên ngoài, có số CRL; CRL phải còn hiệu lực và bao gồm chứng thư CA.
6. Gửi lại hai tệp, dạng PEM hoặc DER: chứng thư và CRL. Bên vận hành CA gốc chạy

   rootca grant issue ${p.application.slice(0, 12)} --certificate certificate.pem --external-crl root.crl \\
     --out grant.bundle

   Lệnh này so từng trường với văn bản ủy quyền và nêu rõ mọi điểm khác.`,
);

export const externalRootTexts = {
  grantIssueDescription: text(
    () =>
      'The root key signs the sub-CA certificate and --out gets the bundle. Where the root CA is another system, --external writes what that system needs, and --certificate with --external-crl takes back what it issued; given again, a newer --external-crl goes into the bundle.',
    () =>
      'Khóa CA gốc ký chứng thư CA cấp dưới và --out nhận tệp ủy quyền. Nếu CA gốc là hệ thống khác, --external ghi những gì hệ thống đó cần, còn --certificate cùng --external-crl nhận lại chứng thư đã cấp; chạy lại với --external-crl mới hơn thì CRL mới được đưa vào tệp ủy quyền.',
  ),
  externalOption: text(
    () => 'folder for the request and profile for a root CA on another system',
    () => 'thư mục ghi yêu cầu và mẫu chứng thư cho CA gốc ở hệ thống khác',
  ),
  whichRootOption: text(
    () => 'which external root is to issue, if the trust statement names several',
    () => 'CA gốc bên ngoài nào sẽ cấp, nếu bản tuyên bố tin cậy ghi nhiều',
  ),
  certificateOption: text(
    () => 'the sub-CA certificate that the external root issued (PEM or DER)',
    () => 'chứng thư CA cấp dưới do CA gốc bên ngoài cấp (PEM hoặc DER)',
  ),
  crlOption: text(
    () => 'the newest CRL of the external root (PEM or DER)',
    () => 'CRL mới nhất của CA gốc bên ngoài (PEM hoặc DER)',
  ),
  addOption: text(
    () => 'certificate of a root CA on another system that may issue sub-CA certificates; earlier ones stay',
    () => 'chứng thư của CA gốc ở hệ thống khác được cấp chứng thư CA cấp dưới; các CA đã ghi vẫn giữ',
  ),
  dropOption: text(
    () => 'an external root that is not to be named any more',
    () => 'CA gốc bên ngoài thôi không ghi nữa',
  ),
  ordered: text<{ node: string; folder: string; issuer: string }>(
    (p) =>
      `Request and profile for ${p.node} written to ${p.folder}, for ${p.issuer}. The application waits for its certificate: rootca grant issue --certificate.`,
    (p) =>
      `Đã ghi yêu cầu và mẫu chứng thư cho ${p.node} vào ${p.folder}, gửi ${p.issuer}. Hồ sơ chờ chứng thư: rootca grant issue --certificate.`,
  ),
  trusted: text<{ name: string; notAfter: Date }>(
    (p) => `External root: ${p.name}, until ${formatDate(p.notAfter, 'en')}.`,
    (p) => `CA gốc bên ngoài: ${p.name}, đến ${formatDate(p.notAfter, 'vi')}.`,
  ),
} as const;
