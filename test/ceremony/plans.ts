/** Plans for the tests of ceremonies. */

export const NODE_PLAN = `title: Lễ sinh khóa thử nghiệm
party: node
name: 15-1
place: Phòng máy chủ
date: 2026-12-01
people:
  - { id: an, name: Nguyễn Văn An, role: master-of-ceremonies }
  - { id: binh, name: Trần Thị Bình, position: Trưởng phòng, role: key-custodian }
  - { id: cuong, name: Lê Hoàng Cường, role: key-custodian, token: { label: cuong } }
  - { id: dung, name: Phạm Thùy Dung, role: witness }
tokens:
  - { label: node }
keys:
  - { role: ca, algorithm: p-256, token: node, label: 15-1-ca-e1 }
  - { role: journal, algorithm: p-256, token: node, label: 15-1-journal-e1 }
  - { role: ocsp, algorithm: p-256, token: node, label: 15-1-ocsp-e1 }
policy: { certifiedHsm: recorded }
`;

/** As `NODE_PLAN`, with the token probed first. */
export const PROBED_PLAN = NODE_PLAN.replace('recorded }', 'recorded, deviceProbe: required }');

/** For the next CA key of a node that works already. */
export const NEXT_KEY_PLAN = NODE_PLAN.replace('15-1-ca-e1', '15-1-ca-e2')
  .replace('role: ca,', 'role: ca-e2,')
  .replace(/ {2}- \{ role: (journal|ocsp),.*\n/g, '');

export const ROOT_PLAN = `title: Lễ sinh khóa CA gốc thử nghiệm
party: root
name: registry.test
place: Hà Nội
date: 2026-12-01
people:
  - { id: an, name: Nguyễn Văn An, role: master-of-ceremonies }
  - { id: binh, name: Trần Thị Bình, role: key-custodian }
  - { id: cuong, name: Lê Hoàng Cường, role: key-custodian }
  - { id: giang, name: Đỗ Trường Giang, role: auditor }
tokens:
  - { label: root }
  - { label: registry }
keys:
  - { role: root, algorithm: p-384, token: root, label: registry.test-root }
  - { role: registry, algorithm: p-256, token: registry, label: registry.test-registry }
policy: { certifiedHsm: recorded }
certificate: { subject: 'C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA thử nghiệm' }
`;
