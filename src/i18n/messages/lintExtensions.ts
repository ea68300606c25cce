/** What each check of the lint demands of a certificate's extensions. */
export const lintExtensionTexts = {
  // The list
  'extensions-present': { en: 'There are extensions.', vi: 'Phải có phần mở rộng.' },
  'extension-syntax': {
    en: 'An extension’s value has the syntax of its standard.',
    vi: 'Giá trị của phần mở rộng đúng cú pháp tiêu chuẩn.',
  },
  'extension-trailing': {
    en: 'Nothing follows the value inside an extension.',
    vi: 'Không có gì thừa sau giá trị bên trong phần mở rộng.',
  },
  'extension-unique': {
    en: 'No extension stands there twice.',
    vi: 'Không phần mở rộng nào xuất hiện hai lần.',
  },
  'extension-critical-default': {
    en: '“Not critical” is not written: it is the default.',
    vi: 'Không ghi "không quan trọng" (FALSE) vì đó là mặc định.',
  },
  'extension-critical-known': {
    en: 'No extension that is unknown here is critical.',
    vi: 'Phần mở rộng không được biết đến thì không được đánh dấu quan trọng.',
  },
  'critical-key-usage': { en: 'keyUsage is critical.', vi: 'keyUsage phải quan trọng.' },
  'critical-name-constraints': {
    en: 'nameConstraints is critical.',
    vi: 'nameConstraints phải quan trọng.',
  },
  'critical-policy-limits': {
    en: 'policyConstraints and inhibitAnyPolicy are critical.',
    vi: 'policyConstraints và inhibitAnyPolicy phải quan trọng.',
  },
  'critical-basic-constraints': {
    en: 'basicConstraints of a CA is critical.',
    vi: 'basicConstraints của CA phải quan trọng.',
  },
  'not-critical-ski': {
    en: 'subjectKeyIdentifier is not critical.',
    vi: 'subjectKeyIdentifier không được đánh dấu quan trọng.',
  },
  'not-critical-aki': {
    en: 'authorityKeyIdentifier is not critical.',
    vi: 'authorityKeyIdentifier không được đánh dấu quan trọng.',
  },
  'not-critical-aia': {
    en: 'authorityInfoAccess and subjectInfoAccess are not critical.',
    vi: 'authorityInfoAccess và subjectInfoAccess không được đánh dấu quan trọng.',
  },
  'not-critical-cdp': {
    en: 'cRLDistributionPoints is not critical.',
    vi: 'cRLDistributionPoints không nên đánh dấu quan trọng.',
  },
  'not-critical-other': {
    en: 'Extensions that only inform are not critical.',
    vi: 'Phần mở rộng chỉ mang tính thông tin không được đánh dấu quan trọng.',
  },
  'not-critical-san': {
    en: 'subjectAltName is critical only where the subject is empty.',
    vi: 'subjectAltName chỉ quan trọng khi tên chủ thể trống.',
  },
  'ca-only-extension': {
    en: 'What limits a CA stands in CA certificates only.',
    vi: 'Phần mở rộng giới hạn CA chỉ có trong chứng thư của CA.',
  },

  // Usage
  'basic-constraints-default': {
    en: 'cA FALSE is not written: it is the default.',
    vi: 'Không ghi cA FALSE vì đó là mặc định.',
  },
  'path-length-only-ca': {
    en: 'Only a CA that signs certificates has a path length.',
    vi: 'Chỉ CA ký chứng thư mới có giới hạn độ dài chuỗi (pathLen).',
  },
  'path-length-positive': {
    en: 'A path length is not negative.',
    vi: 'Giới hạn độ dài chuỗi (pathLen) không âm.',
  },
  'ca-key-cert-sign': {
    en: 'A CA’s key may sign certificates.',
    vi: 'Khóa của CA phải được dùng để ký chứng thư (keyCertSign).',
  },
  'key-cert-sign-only-ca': {
    en: 'Only a CA’s key may sign certificates.',
    vi: 'Chỉ khóa của CA được dùng để ký chứng thư (keyCertSign).',
  },
  'key-usage-present': {
    en: 'A certificate says what its key is for.',
    vi: 'Chứng thư phải ghi mục đích sử dụng khóa (keyUsage).',
  },
  'key-usage-not-empty': {
    en: 'keyUsage names at least one usage.',
    vi: 'keyUsage có ít nhất một mục đích.',
  },
  'key-usage-minimal': {
    en: 'keyUsage ends with a bit that is set.',
    vi: 'keyUsage kết thúc bằng bit 1.',
  },
  'key-usage-known': {
    en: 'keyUsage has the nine bits that are defined.',
    vi: 'keyUsage chỉ dùng chín bit đã định nghĩa.',
  },
  'key-usage-fits-key': {
    en: 'The key’s algorithm can do what keyUsage allows.',
    vi: 'Thuật toán của khóa làm được việc mà keyUsage cho phép.',
  },
  'key-usage-agreement': {
    en: 'encipherOnly and decipherOnly stand beside keyAgreement only.',
    vi: 'encipherOnly và decipherOnly chỉ đi kèm keyAgreement.',
  },
  'purpose-any-absent': {
    en: 'A subscriber’s certificate is not for any purpose.',
    vi: 'Chứng thư thuê bao không được dùng cho mọi mục đích (anyExtendedKeyUsage).',
  },
  'purpose-once': { en: 'Each purpose is named once.', vi: 'Mỗi mục đích chỉ ghi một lần.' },
  'purpose-fits-usage': {
    en: 'keyUsage has a usage that goes with each purpose.',
    vi: 'keyUsage có mục đích phù hợp với từng mục đích mở rộng.',
  },
  'server-auth-has-host': {
    en: 'A server’s certificate names the host in subjectAltName.',
    vi: 'Chứng thư máy chủ ghi tên máy trong subjectAltName.',
  },
  'time-stamping-alone': {
    en: 'Time-stamping is the only purpose, and critical.',
    vi: 'Cấp dấu thời gian phải là mục đích duy nhất và quan trọng.',
  },
  'ocsp-signing-alone': {
    en: 'Signing status answers is the only purpose.',
    vi: 'Ký trả lời trực tuyến (OCSP) phải là mục đích duy nhất.',
  },
  'ocsp-signing-not-ca': {
    en: 'A CA certificate is not for signing status answers: they would speak for the CA above it.',
    vi: 'Chứng thư của CA không được dùng để ký trả lời trực tuyến (OCSP), vì trả lời ấy sẽ nhân danh CA cấp trên.',
  },
  'ocsp-no-check-place': {
    en: 'Only an OCSP responder is exempt from status checks.',
    vi: 'Chỉ chứng thư ký OCSP được miễn kiểm tra trạng thái.',
  },

  // Key identifiers
  'ski-present-ca': {
    en: 'A CA certificate has a subjectKeyIdentifier.',
    vi: 'Chứng thư của CA phải có subjectKeyIdentifier.',
  },
  'ski-present-leaf': {
    en: 'A subscriber’s certificate has a subjectKeyIdentifier.',
    vi: 'Chứng thư thuê bao nên có subjectKeyIdentifier.',
  },
  'ski-of-key': {
    en: 'The subjectKeyIdentifier is a hash of this key.',
    vi: 'subjectKeyIdentifier là giá trị băm của chính khóa này.',
  },
  'aki-present': {
    en: 'A certificate has an authorityKeyIdentifier.',
    vi: 'Chứng thư phải có authorityKeyIdentifier.',
  },
  'aki-key-id': {
    en: 'The authorityKeyIdentifier has a keyIdentifier.',
    vi: 'authorityKeyIdentifier phải có keyIdentifier.',
  },
  'aki-is-issuer-ski': {
    en: 'The authorityKeyIdentifier is the issuer’s subjectKeyIdentifier.',
    vi: 'authorityKeyIdentifier trùng với subjectKeyIdentifier của bên cấp.',
  },
  'aki-issuer-and-serial': {
    en: 'The authorityKeyIdentifier has both issuer and serial number, or neither.',
    vi: 'authorityKeyIdentifier có cả tên bên cấp và số hiệu, hoặc không có cả hai.',
  },

  // Alternative names and constraints
  'san-email-form': {
    en: 'An e-mail address in subjectAltName is one, in ASCII.',
    vi: 'Địa chỉ thư điện tử trong subjectAltName đúng dạng, chỉ gồm ASCII.',
  },
  'san-dns-form': {
    en: 'A host name has letters, digits and hyphens only.',
    vi: 'Tên máy chỉ gồm chữ cái, chữ số và dấu gạch nối.',
  },
  'san-ip-length': { en: 'An IP address has 4 or 16 octets.', vi: 'Địa chỉ IP dài 4 hoặc 16 byte.' },
  'san-uri-form': { en: 'A URI has a scheme.', vi: 'URI phải có phần giao thức (scheme).' },
  'common-name-no-host': {
    en: 'A common name that reads as a host name stands beside a dNSName: Java would hold it to the CA’s constraints on host names and refuse it.',
    vi: 'Tên chung (CN) trông như tên máy chủ thì phải có dNSName kèm theo; nếu không, Java áp ràng buộc tên máy chủ của CA lên đó và từ chối.',
  },
  'san-once': {
    en: 'Each alternative name is given once.',
    vi: 'Mỗi tên thay thế chỉ ghi một lần.',
  },
  'name-constraints-not-empty': {
    en: 'nameConstraints has at least one subtree.',
    vi: 'nameConstraints có ít nhất một nhánh.',
  },
  'name-constraints-bounds': {
    en: 'Subtrees have neither minimum nor maximum.',
    vi: 'Các nhánh không ghi minimum, maximum.',
  },
  'name-constraints-ip': {
    en: 'A range of IP addresses has an address and a mask.',
    vi: 'Dải địa chỉ IP gồm địa chỉ và mặt nạ.',
  },

  // Policies
  'policy-once': { en: 'Each policy is named once.', vi: 'Mỗi chính sách chỉ ghi một lần.' },
  'policy-any': {
    en: 'A certificate names its policy rather than any.',
    vi: 'Chứng thư nên ghi rõ chính sách thay vì anyPolicy.',
  },
  'policy-qualifier-known': {
    en: 'Policy qualifiers are a CPS address or a user notice.',
    vi: 'Thông tin kèm chính sách chỉ là địa chỉ CPS hoặc thông báo người dùng.',
  },
  'policy-cps-uri': {
    en: 'The address of a CPS is a URI in an IA5String.',
    vi: 'Địa chỉ CPS là URI ghi bằng IA5String.',
  },
  'policy-notice-syntax': {
    en: 'A user notice is a reference and a text.',
    vi: 'Thông báo người dùng gồm tham chiếu và văn bản.',
  },
  'policy-notice-reference': {
    en: 'A user notice refers to no other document.',
    vi: 'Thông báo người dùng không nên tham chiếu văn bản khác.',
  },
  'policy-notice-type': {
    en: 'A user notice’s text is a UTF8String.',
    vi: 'Văn bản thông báo người dùng ghi bằng UTF8String.',
  },
  'policy-notice-length': {
    en: 'A user notice’s text has 1 to 200 characters.',
    vi: 'Văn bản thông báo người dùng dài từ 1 đến 200 ký tự.',
  },

  // Locations
  'cdp-point-named': {
    en: 'A CRL distribution point names a place or an issuer.',
    vi: 'Điểm công bố CRL phải ghi địa chỉ hoặc bên phát hành.',
  },
  'cdp-all-reasons': {
    en: 'One CRL distribution point at least covers all reasons.',
    vi: 'Ít nhất một điểm công bố CRL bao gồm mọi lý do thu hồi.',
  },
  'cdp-uri-form': {
    en: 'A CRL’s address can be fetched: http or ldap.',
    vi: 'Địa chỉ CRL tải được qua http hoặc ldap.',
  },
  'aia-method-known': {
    en: 'authorityInfoAccess leads to OCSP or to the CA’s certificate.',
    vi: 'authorityInfoAccess dẫn đến OCSP hoặc chứng thư của CA.',
  },
  'aia-uri-form': {
    en: 'The address of OCSP or of the CA’s certificate can be reached: http or ldap.',
    vi: 'Địa chỉ OCSP hoặc chứng thư của CA truy cập được qua http hoặc ldap.',
  },
  'status-source-present': {
    en: 'A certificate says where its status is told.',
    vi: 'Chứng thư phải ghi nơi kiểm tra trạng thái.',
  },
} as const;
