/** Online status check: a delegated responder whose key lives on the token; every answer is signed when it is asked, for each CA key. */
import { OCSP_PROFILE } from '../delegation';
import { readJournal, readRecords } from '../ledger';
import { sha256Hex, type Signer } from '../signer';
import { signChecked } from '../signing';
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
import { grantAt, type Delegation, type Generation } from './delegation';
import { Issuer, readIssued } from './issuance';
import type { JournalWriter } from './journalWriter';
import { lifeOf } from './lifetime';
import type { SubCaNode } from './node';
import { revocationOf } from './publication';

const HOUR = 3_600_000;
/** The responder's certificate is replaced when less than this share of its life is left. */
const RENEW_BELOW = 1 / 4;

/** The certificates that make the OCSP key speak for each CA key; RFC 6960, section 4.2.2.2: each signed by that very key. */
type ResponderCertificates = Map<number, ResponderCertificate>;

interface ResponderCertificate {
  readonly der: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface OcspAnswer {
  /** OCSPResponse. */
  readonly der: Buffer;
  /** Of a signed answer that is the same for whoever asks, because it repeats no nonce. */
  readonly thisUpdate?: Date;
}

export class OcspResponder {
  private constructor(
    private readonly node: SubCaNode,
    private readonly signer: Signer,
    private readonly certificates: ResponderCertificates,
  ) {}

  /** Issues what certificates of its own are missing or near their end, for every CA key that still signs. */
  static async open(node: SubCaNode, journal: JournalWriter): Promise<OcspResponder> {
    const certificates: ResponderCertificates = new Map();
    for (const generation of (await node.delegation()).generations) {
      const { isOver } = await lifeOf(node, generation);
      const certificate = isOver
        ? await findResponderCertificate(node, generation)
        : await ensureResponderCertificate(node, journal, generation);
      if (certificate !== undefined) certificates.set(generation.epoch, certificate);
    }
    return new OcspResponder(node, await node.signer('ocsp'), certificates);
  }

  /** Answers every request, also one that cannot be read (RFC 6960, section 2.3). */
  async respond(request: Uint8Array): Promise<OcspAnswer> {
    let asked;
    try {
      asked = readOcspRequest(request);
    } catch (error) {
      if (error instanceof X509Error) return { der: ocspErrorResponse('malformedRequest') };
      throw error;
    }
    const { certIds, nonce } = asked;
    // Another process may have taken the next CA key since this one began.
    const delegation = await this.node.delegation();
    const named = certIds.map((certId) => ({ certId, issuer: issuerOf(delegation, certId) }));
    // What is none of ours is answered with "unknown", in the name of the CA that issues.
    const issuers = new Set(named.flatMap(({ issuer }) => issuer ?? []));
    const speakers = issuers.size === 0 ? [delegation] : [...issuers];
    const certificates = await Promise.all(speakers.map((issuer) => this.#certificateUnder(issuer)));
    const known = certificates.flatMap((certificate) => certificate?.der ?? []);
    // The last certificate of a CA that has fallen silent has ended.
    if (known.length < certificates.length) return { der: ocspErrorResponse('unauthorized') };
    const thisUpdate = new Date(Math.floor(this.node.now().getTime() / 1000) * 1000);
    const nextUpdate = new Date(
      thisUpdate.getTime() + grantAt(delegation, thisUpdate).publication.ocsp.hoursValid * HOUR,
    );
    const statuses = await Promise.all(named.map((one) => this.#status(one.certId, one.issuer)));
    const responses = certIds.map((certId, at) => {
      const status: CertStatus = statuses[at] ?? { kind: 'unknown' };
      const archiveCutoff = named[at]?.issuer?.caCertificate.tbs.notBefore;
      // No status is ever forgotten.
      return {
        certIdDer: certId.der,
        status,
        thisUpdate,
        nextUpdate,
        ...(archiveCutoff && { archiveCutoff }),
      };
    });
    const data = buildOcspResponseData({
      responderKeyHash: keyIdentifier(this.signer.spki),
      producedAt: thisUpdate,
      responses,
      ...(nonce && { nonce }),
    });
    const signature = await signChecked(this.signer, data, 'an OCSP answer');
    const der = assembleOcspResponse(data, this.signer.algorithm, signature, known);
    return { der, ...(nonce === undefined && { thisUpdate }) };
  }

  async #status({ serialNumber }: CertId, issuer: Generation | undefined): Promise<CertStatus> {
    if (issuer === undefined) return { kind: 'unknown' };
    const { id } = await readJournal(this.node.read, issuer.origin);
    const [record] = await readRecords(this.node.read, id, 'serialNumber', [serialNumber]);
    // A serial number reserved but never issued is nobody's certificate.
    if (record === undefined || record.status === 'reserved') return { kind: 'unknown' };
    const revoked = revocationOf(record);
    return revoked === undefined ? { kind: 'good' } : { kind: 'revoked', ...revoked };
  }

  async #certificateUnder(issuer: Generation): Promise<ResponderCertificate | undefined> {
    const held = this.certificates.get(issuer.epoch);
    if (held !== undefined && held.notAfter > this.node.now()) return held;
    const found = await findResponderCertificate(this.node, issuer);
    if (found !== undefined) this.certificates.set(issuer.epoch, found);
    return found;
  }
}

function issuerOf({ generations }: Delegation, certId: CertId): Generation | undefined {
  return generations.find(({ caCertificate }) => {
    const { subjectDer, publicKey } = caCertificate.tbs;
    return certIdMatches(certId, { nameDer: subjectDer, spki: publicKey.spki });
  });
}

/** The OCSP key's certificate under a CA key that is valid for longest. */
async function findResponderCertificate(
  node: SubCaNode,
  { origin }: Generation,
): Promise<ResponderCertificate | undefined> {
  const { id } = await readJournal(node.read, origin);
  // Of one key there are few; by their status, they would be looked for among all that are issued.
  const rows = await node.read
    .selectFrom('certificates')
    .select(['serialNumber', 'profile', 'status', 'notBefore', 'notAfter'])
    .where('journal', '=', id)
    .where('spkiSha256', '=', sha256Hex((await node.key('ocsp')).spki))
    .execute();
  const now = node.now().toISOString();
  const [row] = rows
    .filter((one) => one.profile === OCSP_PROFILE && one.status === 'issued' && one.notAfter > now)
    .sort((a, b) => (a.notAfter < b.notAfter ? 1 : -1));
  return (
    row && {
      der: await readIssued(node, id, row.serialNumber),
      notBefore: new Date(row.notBefore),
      notAfter: new Date(row.notAfter),
    }
  );
}

/**
 * The responder's certificate under a CA key; issued like any other, under the profile `ocsp-responder`, when there is
 * none or its end is near.
 */
export async function ensureResponderCertificate(
  node: SubCaNode,
  journal: JournalWriter,
  generation: Generation,
): Promise<ResponderCertificate> {
  const found = await findResponderCertificate(node, generation);
  if (found !== undefined) {
    const life = found.notAfter.getTime() - found.notBefore.getTime();
    if (found.notAfter.getTime() - node.now().getTime() > life * RENEW_BELOW) return found;
  }
  const { spki } = await node.key('ocsp');
  const publicKey = readPublicKey(spki, 'OCSP key');
  const issuer = await Issuer.open(node, journal, 'own', generation.epoch);
  const plan = issuer.plan(OCSP_PROFILE, {
    service: 'issue',
    request: { der: spki, publicKey, subject: undefined, emails: [], dnsNames: [], ipAddresses: [] },
    subject: [{ type: 'CN', value: `OCSP ${node.config.node}` }],
    ownKey: true,
  });
  const { der } = await issuer.issue(plan);
  const { notBefore, notAfter } = plan.tbs;
  return { der, notBefore, notAfter };
}
