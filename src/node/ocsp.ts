/** Online status check: a delegated responder whose key lives on the token; every answer is signed when it is asked. */
import type { CertificateRecord } from '../delegation';
import { readJournal, readRecords } from '../ledger';
import type { Signer } from '../signer';
import {
  assembleOcspResponse,
  buildOcspResponseData,
  certIdMatches,
  keyIdentifier,
  ocspErrorResponse,
  readOcspRequest,
  readPublicKey,
  X509Error,
  type CertId,
  type CertStatus,
} from '../x509';
import type { Delegation } from './delegation';
import { readIssued, type Issuer } from './issuance';
import type { SubCaNode } from './node';
import { revocationOf } from './publication';

const HOUR = 3_600_000;
const OCSP_PROFILE = 'ocsp-responder';
/** The responder's certificate is replaced when less than this share of its life is left. */
const RENEW_BELOW = 1 / 4;

export class OcspResponder {
  private constructor(
    private readonly node: SubCaNode,
    private readonly delegation: Delegation,
    private readonly journal: number,
    private readonly signer: Signer,
    private readonly certificate: Buffer,
  ) {}

  /** @throws NodeError `CERTIFICATE_UNKNOWN` when the responder has no certificate yet */
  static async open(node: SubCaNode, issuer: Issuer): Promise<OcspResponder> {
    const delegation = await node.delegation();
    const { id } = await readJournal(node.read, delegation.origin);
    const certificate = await ensureResponderCertificate(node, issuer);
    return new OcspResponder(node, delegation, id, await node.signer('ocsp'), certificate);
  }

  /** @returns a DER OCSPResponse, also for a request that cannot be read (RFC 6960, section 2.3) */
  async respond(request: Uint8Array): Promise<Buffer> {
    let asked;
    try {
      asked = readOcspRequest(request);
    } catch (error) {
      if (error instanceof X509Error) return ocspErrorResponse('malformedRequest');
      throw error;
    }
    const { certIds, nonce } = asked;
    const serials = certIds.map(({ serialNumber }) => serialNumber);
    const records = await readRecords(this.node.read, this.journal, 'serialNumber', serials);
    const thisUpdate = new Date(Math.floor(this.node.now().getTime() / 1000) * 1000);
    const nextUpdate = new Date(
      thisUpdate.getTime() + this.delegation.grant.value.publication.ocsp.hoursValid * HOUR,
    );
    const responses = certIds.map((certId) => {
      const record = records.find(({ serialNumber }) => serialNumber === certId.serialNumber);
      return { certIdDer: certId.der, status: this.#status(certId, record), thisUpdate, nextUpdate };
    });
    const data = buildOcspResponseData({
      responderKeyHash: keyIdentifier(this.signer.spki),
      producedAt: thisUpdate,
      responses,
      ...(nonce && { nonce }),
    });
    const signature = await this.signer.sign(data);
    return assembleOcspResponse(data, this.signer.algorithm, signature, [this.certificate]);
  }

  #status(certId: CertId, record: CertificateRecord | undefined): CertStatus {
    const { subjectDer, publicKey } = this.delegation.caCertificate.tbs;
    const ours = certIdMatches(certId, { nameDer: subjectDer, spki: publicKey.spki });
    // A serial number reserved but never issued is nobody's certificate.
    if (!ours || record === undefined || record.status === 'reserved') return { kind: 'unknown' };
    const revoked = revocationOf(record);
    return revoked === undefined ? { kind: 'good' } : { kind: 'revoked', ...revoked };
  }
}

/**
 * The responder's certificate; issued like any other, under the profile `ocsp-responder`, when there is none or its
 * end is near.
 * @returns DER
 */
export async function ensureResponderCertificate(node: SubCaNode, issuer: Issuer): Promise<Buffer> {
  const { spki } = await node.key('ocsp');
  const publicKey = readPublicKey(spki, 'OCSP key');
  const now = node.now();
  const row = await node.read
    .selectFrom('certificates')
    .select(['journal', 'serialNumber', 'notBefore', 'notAfter'])
    .where('profile', '=', OCSP_PROFILE)
    .where('spkiSha256', '=', publicKey.spkiSha256)
    .where('status', '=', 'issued')
    .where('notAfter', '>', now.toISOString())
    .orderBy('notAfter', 'desc')
    .executeTakeFirst();
  if (row !== undefined) {
    const left = Date.parse(row.notAfter) - now.getTime();
    const life = Date.parse(row.notAfter) - Date.parse(row.notBefore);
    if (left > life * RENEW_BELOW) return readIssued(node, row.journal, row.serialNumber);
  }
  const plan = issuer.plan(OCSP_PROFILE, {
    service: 'issue',
    request: { der: spki, publicKey, subject: undefined, emails: [], dnsNames: [], ipAddresses: [] },
    subject: [{ type: 'CN', value: `OCSP ${node.config.node}` }],
    ownKey: true,
  });
  return (await issuer.issue(plan)).der;
}
