/** What can be wrong with names, keys, requests, profiles, certificates, CRLs and OCSP requests. */
import { errorText } from '../text';

export const x509Errors = {
  INPUT_TOO_LARGE: errorText<{ what: string; size: number; limit: number }>(
    'input',
    (p) => `${p.what} is ${p.size} bytes long; at most ${p.limit} are read. Check that it is the right file.`,
    (p) =>
      `${p.what} dài ${p.size} byte; chỉ đọc tối đa ${p.limit} byte. Hãy kiểm tra lại có đúng tệp không.`,
  ),
  PEM_MALFORMED: errorText<{ what: string; reason: string }>(
    'input',
    (p) => `${p.what} is neither raw DER nor PEM with exactly one block: ${p.reason}.`,
    (p) => `${p.what} không phải DER, cũng không phải PEM có đúng một khối: ${p.reason}.`,
  ),

  NAME_MALFORMED: errorText<{ what: string; reason: string }>(
    'input',
    (p) => `${p.what} is not a readable name: ${p.reason}.`,
    (p) => `${p.what} không phải tên đọc được: ${p.reason}.`,
  ),
  NAME_ATTRIBUTE_UNKNOWN: errorText<{ what: string; attribute: string; allowed: string }>(
    'input',
    (p) => `${p.what} has the attribute ${p.attribute}, which is not used here; known ones: ${p.allowed}.`,
    (p) =>
      `${p.what} có thuộc tính ${p.attribute} không được dùng ở đây; các thuộc tính dùng được: ${p.allowed}.`,
  ),
  NAME_VALUE_NOT_ENCODABLE: errorText<{ type: string; allowed: string }>(
    'input',
    (p) => `The value given for ${p.type} has characters it cannot hold; allowed: ${p.allowed}.`,
    (p) => `Giá trị của ${p.type} có ký tự không ghi được; cho phép: ${p.allowed}.`,
  ),

  KEY_UNREADABLE: errorText<{ what: string; reason: string }>(
    'input',
    (p) => `The public key of ${p.what} cannot be read: ${p.reason}. Generate the key pair again.`,
    (p) => `Không đọc được khóa công khai của ${p.what}: ${p.reason}. Hãy sinh lại cặp khóa.`,
  ),
  KEY_TYPE_NOT_ALLOWED: errorText<{ what: string; type: string; allowed: string }>(
    'input',
    (p) =>
      `The public key of ${p.what} is of type ${p.type}; allowed: ${p.allowed}. Generate another key pair.`,
    (p) =>
      `Khóa công khai của ${p.what} thuộc loại ${p.type}; chỉ cho phép: ${p.allowed}. Hãy sinh cặp khóa khác.`,
  ),
  KEY_FOR_PSS_ONLY: errorText<{ what: string }>(
    'input',
    (p) =>
      `The public key of ${p.what} is marked for RSASSA-PSS alone (id-RSASSA-PSS), which many programs cannot read. Generate an ordinary RSA key pair (rsaEncryption, "openssl genpkey -algorithm RSA"); the request may still be signed with RSASSA-PSS.`,
    (p) =>
      `Khóa công khai của ${p.what} được đánh dấu chỉ dùng cho RSASSA-PSS (id-RSASSA-PSS), nhiều phần mềm không đọc được. Hãy sinh cặp khóa RSA thông thường (rsaEncryption, "openssl genpkey -algorithm RSA"); yêu cầu vẫn có thể được ký bằng RSASSA-PSS.`,
  ),
  KEY_TOO_WEAK: errorText<{ what: string; bits: number; allowed: string }>(
    'input',
    (p) =>
      `The RSA key of ${p.what} has ${p.bits} bits; allowed: ${p.allowed}. Generate a key pair of an allowed size.`,
    (p) =>
      `Khóa RSA của ${p.what} dài ${p.bits} bit; chỉ cho phép: ${p.allowed}. Hãy sinh cặp khóa có độ dài cho phép.`,
  ),
  KEY_EXPONENT: errorText<{ what: string; exponent: string }>(
    'input',
    (p) =>
      `The RSA key of ${p.what} has the public exponent ${p.exponent}; it must be odd, at least 65537 and below 2^256. Generate another key pair.`,
    (p) =>
      `Khóa RSA của ${p.what} có số mũ công khai ${p.exponent}; số mũ phải lẻ, từ 65537 trở lên và nhỏ hơn 2^256. Hãy sinh cặp khóa khác.`,
  ),
  KEY_SMALL_FACTOR: errorText<{ what: string; factor: number }>(
    'input',
    (p) =>
      `The RSA modulus of ${p.what} is divisible by ${p.factor}; it must be the product of two large primes. The key was damaged or its generator is broken: generate another key pair with other software or another device.`,
    (p) =>
      `Mô-đun RSA của ${p.what} chia hết cho ${p.factor}; mô-đun phải là tích của hai số nguyên tố lớn. Khóa bị hỏng hoặc bộ sinh khóa có lỗi: hãy sinh cặp khóa khác bằng phần mềm hoặc thiết bị khác.`,
  ),
  KEY_ROCA: errorText<{ what: string }>(
    'input',
    (p) =>
      `The RSA key of ${p.what} bears the mark of the flawed generator of CVE-2017-15361 (ROCA): its private key can be computed. Do not use the device that made it; generate a key pair with another one.`,
    (p) =>
      `Khóa RSA của ${p.what} mang dấu hiệu của bộ sinh khóa lỗi CVE-2017-15361 (ROCA): có thể tính ra khóa bí mật. Không dùng thiết bị đã sinh khóa này; hãy sinh cặp khóa bằng thiết bị khác.`,
  ),
  KEY_CLOSE_PRIMES: errorText<{ what: string }>(
    'input',
    (p) =>
      `The two primes of the RSA key of ${p.what} lie so close together that it can be factored (as in CVE-2022-26320). Generate another key pair with other software or another device.`,
    (p) =>
      `Hai số nguyên tố của khóa RSA của ${p.what} quá gần nhau nên có thể phân tích ra (như CVE-2022-26320). Hãy sinh cặp khóa khác bằng phần mềm hoặc thiết bị khác.`,
  ),
  CURVE_NOT_ALLOWED: errorText<{ what: string; curve: string; allowed: string }>(
    'input',
    (p) =>
      `The elliptic-curve key of ${p.what} uses the curve ${p.curve}; allowed: ${p.allowed}. Generate another key pair.`,
    (p) =>
      `Khóa đường cong elliptic của ${p.what} dùng đường cong ${p.curve}; chỉ cho phép: ${p.allowed}. Hãy sinh cặp khóa khác.`,
  ),
  SIGNATURE_ALGORITHM_NOT_ALLOWED: errorText<{ what: string; algorithm: string; allowed: string }>(
    'input',
    (p) => `${p.what} names the signature algorithm ${p.algorithm}; allowed: ${p.allowed}.`,
    (p) => `${p.what} nêu thuật toán ký ${p.algorithm}; chỉ cho phép: ${p.allowed}.`,
  ),

  REQUEST_MALFORMED: errorText<{ reason: string }>(
    'input',
    (p) => `The certification request (PKCS#10) cannot be read: ${p.reason}. Make the request again.`,
    (p) => `Không đọc được yêu cầu chứng thực (PKCS#10): ${p.reason}. Hãy tạo lại yêu cầu.`,
  ),
  REQUEST_SIGNATURE_INVALID: errorText(
    'input',
    () =>
      'The signature of the certification request does not fit its public key: it was altered, or made with another key. Make the request again.',
    () =>
      'Chữ ký trên yêu cầu chứng thực không khớp với khóa công khai trong đó: yêu cầu đã bị sửa hoặc được ký bằng khóa khác. Hãy tạo lại yêu cầu.',
  ),
  REQUEST_ALGORITHM_NOT_ALLOWED: errorText<{ algorithm: string; allowed: string }>(
    'input',
    (p) =>
      `The certification request is signed with ${p.algorithm}; allowed: ${p.allowed}. Make the request again with one of these; RSASSA-PSS needs a salt as long as its hash ("openssl req … -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest").`,
    (p) =>
      `Yêu cầu chứng thực được ký bằng ${p.algorithm}; chỉ cho phép: ${p.allowed}. Hãy tạo lại yêu cầu bằng một trong các thuật toán này; RSASSA-PSS cần muối dài bằng giá trị băm ("openssl req … -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest").`,
  ),

  PROFILE_INVALID: errorText<{ id: string }>(
    'input',
    (p) => `The certificate profile ${p.id} is not valid; correct what is listed.`,
    (p) => `Mẫu chứng thư ${p.id} không hợp lệ; hãy sửa các mục được liệt kê.`,
  ),

  CERTIFICATE_MALFORMED: errorText<{ what: string; reason: string }>(
    'input',
    (p) => `${p.what} is not a readable certificate: ${p.reason}.`,
    (p) => `${p.what} không phải chứng thư chữ ký số đọc được: ${p.reason}.`,
  ),
  CRL_MALFORMED: errorText<{ reason: string }>(
    'input',
    (p) => `The CRL cannot be read: ${p.reason}.`,
    (p) => `Không đọc được danh sách chứng thư bị thu hồi (CRL): ${p.reason}.`,
  ),
  OCSP_REQUEST_MALFORMED: errorText<{ reason: string }>(
    'input',
    (p) => `The online status request (OCSP) cannot be read: ${p.reason}.`,
    (p) => `Không đọc được yêu cầu kiểm tra trực tuyến (OCSP): ${p.reason}.`,
  ),
} as const;
