/** The application for a delegation: the CA key's request and what is wanted, signed by the journal key. */
import {
  APPLICATION_PAYLOAD_TYPE,
  commonNameOfEpoch,
  parseApplication,
  payloadOf,
  type Application,
  type FirstApplication,
  type SuccessorApplication,
} from '../delegation';
import { sealEnvelope } from '../envelope';
import { SERVICES, type Service } from '../journal';
import { buildRequest, formatName, type Name } from '../x509';
import { requireSealedCeremony } from './ceremony';
import { NodeError } from './errors';
import { caRole, type SubCaNode } from './node';
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

export interface MadeApplication<A> {
  readonly application: A;
  readonly subject: string;
  /** DSSE envelope to be sent. */
  readonly envelope: Buffer;
}

/** The name under which the sub-CA asks to have a CA key certified. */
function caSubject({ name, place }: { readonly name: string; readonly place: string }, epoch: number): Name {
  const organisation = name.toLocaleUpperCase('vi');
  return [
    { type: 'C', value: 'VN' },
    { type: 'L', value: place },
    { type: 'O', value: organisation },
    { type: 'CN', value: commonNameOfEpoch(`CA ${organisation}`, epoch) },
  ];
}

/** @throws NodeError `PROFILE_UNKNOWN` */
function wantedProfiles(profiles: Profiles, named: readonly string[] | undefined): string[] {
  for (const id of named ?? []) profileNamed(profiles, id);
  return [...profiles.values()]
    .filter(({ id, kind }) => kind === 'ocsp-responder' || (named?.includes(id) ?? kind !== 'authority'))
    .map(({ id }) => id);
}

/** @throws NodeError `CEREMONY_NOT_SEALED`, `ALREADY_ACTIVATED`, `KEY_MISSING`, `PROFILE_UNKNOWN`; HsmError */
export async function makeApplication(
  node: SubCaNode,
  options: ApplicationOptions,
): Promise<MadeApplication<FirstApplication>> {
  await requireSealedCeremony(node, caRole(1));
  const held = (await node.findDelegation())?.grant.value;
  if (held !== undefined)
    throw new NodeError('ALREADY_ACTIVATED', { node: held.nodeId, version: held.version });
  const profiles = wantedProfiles(await readProfiles(node.paths.profiles), options.profiles);
  return sealApplication(node, 1, options.software, {
    epoch: 1,
    wanted: {
      services: [...(options.services ?? SERVICES)],
      profiles,
      emailDomains: [...options.emailDomains],
      dnsDomains: [...options.dnsDomains],
      perYear: options.perYear,
    },
  });
}

/**
 * Completes an application with who applies, and the request that the CA key of the epoch signs; the journal key, by
 * which the root knows the node, signs the whole.
 */
export async function sealApplication<
  Asked extends Pick<FirstApplication, 'epoch' | 'wanted'> | Pick<SuccessorApplication, 'epoch' | 'succeeds'>,
>(
  node: SubCaNode,
  epoch: number,
  software: Application['software'],
  asked: Asked,
): Promise<MadeApplication<Applicant & Asked>> {
  const { organisation, node: nodeId, host } = node.config;
  const subject = caSubject(organisation, epoch);
  const request = await buildRequest(subject, await node.signer(caRole(epoch)));
  const journal = await node.signer('journal');
  const application = {
    createdAt: node.now().toISOString(),
    organisation,
    nodeId,
    host,
    request: request.toString('base64'),
    journalSpki: journal.spki.toString('base64'),
    software,
    ...asked,
  };
  const payload = payloadOf(application);
  // Held to what the root will hold it to, before it is signed.
  parseApplication(payload);
  const envelope = await sealEnvelope(APPLICATION_PAYLOAD_TYPE, payload, [journal]);
  return { application, subject: formatName(subject), envelope };
}

/** What every application says of who applies. */
type Applicant = Omit<FirstApplication, 'epoch' | 'wanted'>;
