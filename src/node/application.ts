/** The application for a delegation: the CA key's request and what is wanted, signed by the journal key. */
import { APPLICATION_PAYLOAD_TYPE, parseApplication, payloadOf, type Application } from '../delegation';
import { sealEnvelope } from '../envelope';
import { SERVICES, type Service } from '../journal';
import { buildRequest, formatName, type Name } from '../x509';
import { requireSealedCeremony } from './ceremony';
import type { SubCaNode } from './node';
import { profileNamed, readProfiles, type Profiles } from './profiles';

export interface ApplicationOptions {
  /** Default: every service. */
  readonly services?: readonly Service[];
  /** Ids; default: every profile of this node except those of older rules. Those of its own keys are always among them. */
  readonly profiles?: readonly string[];
  /** Domains of the e-mail addresses to be certified. */
  readonly emailDomains: readonly string[];
  /** Domains of the host names to be certified. */
  readonly dnsDomains: readonly string[];
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

/** @throws NodeError `PROFILE_UNKNOWN` */
function wantedProfiles(profiles: Profiles, named: readonly string[] | undefined): string[] {
  for (const id of named ?? []) profileNamed(profiles, id);
  return [...profiles.values()]
    .filter(({ id, kind }) => kind === 'ocsp-responder' || (named?.includes(id) ?? kind !== 'authority'))
    .map(({ id }) => id);
}

/** @throws NodeError `CEREMONY_NOT_SEALED`, `KEY_MISSING`, `PROFILE_UNKNOWN`; HsmError */
export async function makeApplication(
  node: SubCaNode,
  options: ApplicationOptions,
): Promise<MadeApplication> {
  await requireSealedCeremony(node);
  const { organisation, node: nodeId, host } = node.config;
  const subject = caSubject(organisation);
  const request = await buildRequest(subject, await node.signer('ca'));
  const journal = await node.signer('journal');
  const profiles = wantedProfiles(await readProfiles(node.paths.profiles), options.profiles);
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
      profiles,
      emailDomains: [...options.emailDomains],
      dnsDomains: [...options.dnsDomains],
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
