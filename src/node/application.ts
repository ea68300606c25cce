/** The application for a delegation: the CA key's request and what is wanted, signed by the journal key. */
import { APPLICATION_PAYLOAD_TYPE, parseApplication, payloadOf, type Application } from '../delegation';
import { sealEnvelope } from '../envelope';
import { SERVICES, type Service } from '../journal';
import { buildRequest, formatName, type Name } from '../x509';
import { requireSealedCeremony } from './ceremony';
import type { SubCaNode } from './node';
import { readProfiles } from './profiles';

export interface ApplicationOptions {
  /** Default: every service. */
  readonly services?: readonly Service[];
  /** Domains of the e-mail addresses to be certified. */
  readonly emailDomains: readonly string[];
  /** Certificates expected in a year. */
  readonly perYear: number;
  readonly software: Application['software'];
}

export interface MadeApplication {
  readonly application: Application;
  readonly subject: string;
  /** DSSE envelope to be sent. */
  readonly envelope: Buffer;
}

/** The name under which the sub-CA asks to be certified. */
function caSubject({ name, place }: { readonly name: string; readonly place: string }): Name {
  const organisation = name.toLocaleUpperCase('vi');
  return [
    { type: 'C', value: 'VN' },
    { type: 'L', value: place },
    { type: 'O', value: organisation },
    { type: 'CN', value: `CA ${organisation}`.slice(0, 64) },
  ];
}

/** @throws NodeError `CEREMONY_NOT_SEALED`, `KEY_MISSING`; HsmError */
export async function makeApplication(
  node: SubCaNode,
  options: ApplicationOptions,
): Promise<MadeApplication> {
  await requireSealedCeremony(node);
  const { organisation, node: nodeId, host } = node.config;
  const subject = caSubject(organisation);
  const request = await buildRequest(subject, await node.signer('ca'));
  const journal = await node.signer('journal');
  const profiles = await readProfiles(node.paths.profiles);
  const application: Application = {
    createdAt: node.now().toISOString(),
    organisation,
    nodeId,
    host,
    epoch: 1,
    request: request.toString('base64'),
    journalSpki: journal.spki.toString('base64'),
    wanted: {
      services: [...(options.services ?? SERVICES)],
      profiles: [...profiles.keys()],
      emailDomains: [...options.emailDomains],
      perYear: options.perYear,
    },
    software: options.software,
  };
  const payload = payloadOf(application);
  // Held to what the root will hold it to, before it is signed.
  parseApplication(payload);
  const envelope = await sealEnvelope(APPLICATION_PAYLOAD_TYPE, payload, [journal]);
  return { application, subject: formatName(subject), envelope };
}
