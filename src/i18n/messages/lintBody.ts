/** What each check of the lint demands: encoding, the certificate's own fields, its names, its period and its key. */
export const lintBodyTexts = {
  // Encoding
  'der-readable': {
    en: 'Every value is complete and lies within the one around it.',
    vi: 'Mỗi giá trị phải đầy đủ và nằm trọn trong giá trị bao quanh.',
  },
  'der-bounded': {
    en: 'Values are not nested deeper, nor more numerous, than any certificate needs.',
    vi: 'Các giá trị không lồng quá sâu, không nhiều hơn mức một chứng thư cần.',
  },
  'der-trailing': {
    en: 'Nothing follows the end of a value.',
    vi: 'Không có gì thừa sau điểm kết thúc của một giá trị.',
  },
  'der-tag-minimal': { en: 'Tags have the fewest octets.', vi: 'Thẻ (tag) dùng ít byte nhất.' },
  'der-length-definite': { en: 'Lengths are definite.', vi: 'Độ dài phải xác định.' },
  'der-length-minimal': { en: 'Lengths have the fewest octets.', vi: 'Độ dài dùng ít byte nhất.' },
  'der-form': {
    en: 'SEQUENCE and SET are constructed, all other types are not.',
    vi: 'Chỉ SEQUENCE và SET ở dạng cấu trúc, các kiểu khác ở dạng nguyên thủy.',
  },
  'der-boolean': { en: 'A BOOLEAN is 00 or FF.', vi: 'BOOLEAN chỉ là 00 hoặc FF.' },
  'der-integer-minimal': {
    en: 'An INTEGER has the fewest octets.',
    vi: 'INTEGER dùng ít byte nhất.',
  },
  'der-bit-string': {
    en: 'A BIT STRING has at most seven unused bits, all 0.',
    vi: 'BIT STRING có tối đa bảy bit thừa, tất cả bằng 0.',
  },
  'der-null': { en: 'NULL has no contents.', vi: 'NULL không có nội dung.' },
  'der-oid': {
    en: 'An OBJECT IDENTIFIER has whole arcs in the fewest octets.',
    vi: 'OBJECT IDENTIFIER gồm các nhánh trọn vẹn, dùng ít byte nhất.',
  },
  'der-set-order': {
    en: 'The members of a SET stand in ascending order.',
    vi: 'Các phần tử của SET xếp theo thứ tự tăng dần.',
  },
  'string-utf8': { en: 'A UTF8String is valid UTF-8.', vi: 'UTF8String phải là UTF-8 hợp lệ.' },
  'string-printable': {
    en: 'A PrintableString has its own characters only.',
    vi: 'PrintableString chỉ chứa các ký tự được phép của kiểu này.',
  },
  'string-ia5': { en: 'An IA5String is ASCII.', vi: 'IA5String chỉ chứa ký tự ASCII.' },
  'string-wide': {
    en: 'A BMPString has two octets for each character, a UniversalString four.',
    vi: 'BMPString dùng hai byte, UniversalString dùng bốn byte cho mỗi ký tự.',
  },
  structure: {
    en: 'The fields are those of a certificate, each of its type and in its order.',
    vi: 'Các trường đúng là của chứng thư, đúng kiểu và đúng thứ tự.',
  },
  'certificate-size': {
    en: 'The certificate fits the journal and the devices that carry it.',
    vi: 'Chứng thư vừa với nhật ký và thiết bị lưu trữ.',
  },

  // Version, serial number, algorithm
  'version-3': { en: 'The version is 3.', vi: 'Phiên bản là 3.' },
  'serial-number-positive': {
    en: 'The serial number is positive.',
    vi: 'Số hiệu chứng thư là số dương.',
  },
  'serial-number-length': {
    en: 'The serial number has at most 20 octets.',
    vi: 'Số hiệu chứng thư dài tối đa 20 byte.',
  },
  'serial-number-entropy': {
    en: 'The serial number has room for 64 bits that nobody can foresee.',
    vi: 'Số hiệu chứng thư đủ chỗ cho 64 bit không đoán trước được.',
  },
  'signature-algorithm-allowed': {
    en: 'The signature is RSA or ECDSA over SHA-2.',
    vi: 'Thuật toán ký là RSA hoặc ECDSA với SHA-2.',
  },
  'signature-algorithm-parameters': {
    en: 'The signature algorithm has exactly the parameters of its standard.',
    vi: 'Tham số của thuật toán ký đúng như tiêu chuẩn của thuật toán.',
  },
  'signature-algorithms-equal': {
    en: 'The algorithm outside is the one that is signed.',
    vi: 'Thuật toán ghi bên ngoài trùng với thuật toán nằm trong phần được ký.',
  },
  'unique-identifiers-absent': {
    en: 'There are no unique identifiers.',
    vi: 'Không có định danh duy nhất (uniqueIdentifier).',
  },

  // Names
  'issuer-not-empty': { en: 'The issuer has a name.', vi: 'Tên bên cấp không được trống.' },
  'issuer-is-ca-subject': {
    en: 'The issuer is the subject of the CA’s certificate, octet for octet.',
    vi: 'Tên bên cấp trùng từng byte với tên chủ thể trong chứng thư của CA.',
  },
  'subject-or-critical-san': {
    en: 'The subject has a name, or a critical alternative one; a CA always has a name.',
    vi: 'Chủ thể phải có tên, hoặc tên thay thế quan trọng; CA luôn phải có tên.',
  },
  'name-rdn-single': {
    en: 'Each part of a name has one attribute.',
    vi: 'Mỗi thành phần của tên chỉ có một thuộc tính.',
  },
  'name-attribute-known': {
    en: 'The attributes of a name are those in use.',
    vi: 'Các thuộc tính của tên là loại đang dùng.',
  },
  'name-string-type': {
    en: 'Names are UTF8String or PrintableString.',
    vi: 'Tên ghi bằng UTF8String hoặc PrintableString.',
  },
  'name-printable-only': {
    en: 'Country and serialNumber are PrintableString.',
    vi: 'Quốc gia (C) và serialNumber ghi bằng PrintableString.',
  },
  'name-email-ia5': {
    en: 'An e-mail address in a name is an IA5String.',
    vi: 'Địa chỉ thư điện tử trong tên ghi bằng IA5String.',
  },
  'name-country-form': {
    en: 'A country is two capital letters.',
    vi: 'Mã quốc gia gồm hai chữ cái in hoa.',
  },
  'name-email-form': {
    en: 'An e-mail address in a name is one.',
    vi: 'Địa chỉ thư điện tử trong tên phải đúng dạng.',
  },
  'name-value-length': {
    en: 'A value has no more characters than its attribute allows.',
    vi: 'Giá trị không dài quá số ký tự cho phép của thuộc tính.',
  },
  'name-value-present': { en: 'No value is empty.', vi: 'Không có giá trị trống.' },
  'name-value-trimmed': {
    en: 'No value begins or ends with a blank, or has two in a row.',
    vi: 'Giá trị không bắt đầu, kết thúc bằng dấu cách, không có hai dấu cách liền nhau.',
  },
  'name-value-visible': {
    en: 'No value has characters that are not seen or act on the line.',
    vi: 'Giá trị không có ký tự ẩn hoặc ký tự điều khiển dòng chữ.',
  },
  'name-value-nfc': {
    en: 'Values are composed (Normalization Form C).',
    vi: 'Giá trị ở dạng dựng sẵn (NFC).',
  },
  'name-order': {
    en: 'Names go from the country to the person.',
    vi: 'Tên xếp theo thứ tự từ quốc gia đến cá nhân.',
  },
  'name-attribute-once': {
    en: 'Only organisational units are given several times.',
    vi: 'Chỉ đơn vị (OU) được ghi nhiều lần.',
  },
  'subject-country-vn': {
    en: 'The subject’s country is VN.',
    vi: 'Quốc gia của chủ thể là VN.',
  },

  // Validity
  'validity-time-form': {
    en: 'Times have seconds, no fractions, and end in Z.',
    vi: 'Thời điểm ghi đến giây, không có phần lẻ, kết thúc bằng Z.',
  },
  'validity-time-type': {
    en: 'Times through 2049 are UTCTime, later ones GeneralizedTime.',
    vi: 'Thời điểm đến hết năm 2049 dùng UTCTime, sau đó dùng GeneralizedTime.',
  },
  'validity-order': {
    en: 'The certificate begins before it ends.',
    vi: 'Thời điểm bắt đầu trước thời điểm hết hạn.',
  },
  'validity-within-issuer': {
    en: 'The certificate does not outlive its CA’s.',
    vi: 'Chứng thư không hết hạn sau chứng thư của CA cấp.',
  },
  'validity-length': {
    en: 'A subscriber’s certificate lasts 5 years at most, a sub-CA’s 20, a root’s 30.',
    vi: 'Thời hạn tối đa: thuê bao 5 năm, CA cấp dưới 20 năm, CA gốc 30 năm.',
  },

  // Key
  'key-algorithm-known': { en: 'The key is RSA or EC.', vi: 'Khóa là RSA hoặc EC.' },
  'key-whole-octets': { en: 'The key is whole octets.', vi: 'Khóa gồm số byte nguyên.' },
  'rsa-parameters-null': {
    en: 'An RSA key’s parameters are NULL.',
    vi: 'Tham số của khóa RSA là NULL.',
  },
  'rsa-key-structure': {
    en: 'An RSA key is a modulus and an exponent.',
    vi: 'Khóa RSA gồm môđun và số mũ.',
  },
  'rsa-modulus-size': {
    en: 'An RSA modulus has 2048 bits or more, in whole octets.',
    vi: 'Môđun RSA dài từ 2048 bit trở lên, chẵn byte.',
  },
  'rsa-modulus-odd': {
    en: 'An RSA modulus is positive and odd.',
    vi: 'Môđun RSA là số dương lẻ.',
  },
  'rsa-exponent': {
    en: 'An RSA exponent is odd and at least 65537.',
    vi: 'Số mũ RSA là số lẻ, từ 65537 trở lên.',
  },
  'ec-named-curve': {
    en: 'An EC key names its curve: P-256, P-384 or P-521.',
    vi: 'Khóa EC ghi tên đường cong: P-256, P-384 hoặc P-521.',
  },
  'ec-point-form': {
    en: 'An EC point is uncompressed and of its curve’s length.',
    vi: 'Điểm EC ở dạng không nén, đúng độ dài của đường cong.',
  },
} as const;
