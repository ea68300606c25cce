/** The application for a delegation: the CA key's request, what is wanted and what is shown, signed by the journal key. */
import { basename, resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { ConfigError, fileSha256 } from '../config';
import { commonTables, readDocuments, storeDocument } from '../db';
import {
  APPLICATION_PAYLOAD_TYPE,
  commonNameOfEpoch,
  greatestNeed,
  parseApplication,
  parseReadiness,
  payloadOf,
  READINESS_PAYLOAD_TYPE,
  type Application,
  type FirstApplication,
  type Paper,
  type Readiness,
  type Shown,
  type SuccessorApplication,
} from '../delegation';
import { sealEnvelope } from '../envelope';
import { SERVICES, type Service } from '../journal';
import { sha256Hex } from '../signer';
import { buildRequest, formatName, type Name } from '../x509';
import { rejectionToMend } from './answers';
import { requireSealedCeremony } from './ceremony';
import { NodeError } from './errors';
import { readSurvey } from './needSurvey';
import { caRole, type SubCaNode } from './node';
import { profileNamed, readProfiles, type Profiles } from './profiles';

const VIETNAM_MS = 7 * 3_600_000;
/** Where neither a number nor a survey is given. */
const USUAL_PER_YEAR = 2000;

export interface ApplicationOptions {
  /** Default: every service. */
  readonly services?: readonly Service[];
  /** Ids; default: every profile of this node except those of older rules. Those of its own keys are always among them. */
  readonly profiles?: readonly string[];
  /** Domains of the e-mail addresses to be certified. */
  readonly emailDomains: readonly string[];
  /** Domains of the host names to be certified. */
  readonly dnsDomains: readonly string[];
  /** Certificates expected in a year, where there is no survey. */
  readonly perYear?: number | undefined;
  /** CSV file of the needs survey. */
  readonly survey?: string | undefined;
  /** What the machine was found to be like. */
  readonly readiness: Pick<Readiness, 'checks' | 'measured'>;
  readonly software: Application['software'];
}

/** An application before any key has signed it: for people to look at. */
export interface PreparedApplication {
  readonly wanted: FirstApplication['wanted'];
  readonly shown: Shown;
  readonly mends: FirstApplication['mends'];
}

export interface MadeApplication<A> {
  readonly application: A;
  /** SHA-256 of the payload, by which answers name it. */
  readonly sha256: string;
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

/**
 * Gathers what is asked for and what is shown for it. No key is used.
 * @throws NodeError `CEREMONY_NOT_SEALED`, `ALREADY_ACTIVATED`, `PROFILE_UNKNOWN`, `SURVEY_INVALID`; ConfigError for a paper's file
 */
export async function prepareApplication(
  node: SubCaNode,
  options: ApplicationOptions,
): Promise<PreparedApplication> {
  await requireSealedCeremony(node, caRole(1));
  const held = (await node.findDelegation())?.grant.value;
  if (held !== undefined)
    throw new NodeError('ALREADY_ACTIVATED', { node: held.nodeId, version: held.version });
  const { readiness, software, survey } = options;
  const profiles = wantedProfiles(await readProfiles(node.paths.profiles), options.profiles);
  const now = node.now();
  const year = new Date(now.getTime() + VIETNAM_MS).getUTCFullYear();
  const need = survey === undefined ? null : await readSurvey(survey, profiles, year);
  return {
    wanted: {
      services: [...(options.services ?? SERVICES)],
      profiles,
      emailDomains: [...options.emailDomains],
      dnsDomains: [...options.dnsDomains],
      perYear: need === null ? (options.perYear ?? USUAL_PER_YEAR) : greatestNeed(need),
    },
    shown: {
      personnel: node.config.personnel ?? [],
      papers: await readPapers(node),
      need,
      readiness: { nodeId: node.config.node, createdAt: now.toISOString(), software, ...readiness },
    },
    mends: await rejectionToMend(node),
  };
}

async function readPapers(node: SubCaNode): Promise<Paper[]> {
  const papers: Paper[] = [];
  for (const { kind, file, reference } of node.config.documents ?? []) {
    const path = resolve(node.paths.directory, file);
    try {
      const [{ size }, sha256] = [await stat(path), await fileSha256(path)];
      papers.push({
        kind,
        name: basename(path).normalize('NFC'),
        ...(reference !== undefined && { reference }),
        sha256,
        size,
      });
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
      throw new ConfigError('FILE_NOT_READ', { file: path, reason }, { cause });
    }
  }
  return papers;
}

/** Signs report and application, and keeps what is sent. @throws NodeError `KEY_MISSING`; HsmError */
export async function makeApplication(
  node: SubCaNode,
  { wanted, shown, mends }: PreparedApplication,
): Promise<MadeApplication<FirstApplication>> {
  const { readiness, ...others } = shown;
  const report = payloadOf(readiness);
  parseReadiness(report);
  const sealed = await sealEnvelope(READINESS_PAYLOAD_TYPE, report, [await node.signer('journal')]);
  return sealApplication<FirstAsked>(node, 1, readiness.software, {
    epoch: 1,
    wanted,
    shown: others,
    readiness: sealed.toString('base64'),
    mends,
  });
}

type FirstAsked = Omit<FirstApplication, keyof Applicant>;
type SuccessorAsked = Omit<SuccessorApplication, keyof Applicant>;

/**
 * Completes an application with who applies, and the request that the CA key of the epoch signs; the journal key, by
 * which the root knows the node, signs the whole. It is kept before it leaves, so that its answer can be told.
 */
export async function sealApplication<Asked extends FirstAsked | SuccessorAsked>(
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
  const sha256 = sha256Hex(payload);
  await node.store.transaction(async (tx) => {
    const db = commonTables(tx);
    const version = (await readDocuments(db, 'application')).length + 1;
    await storeDocument(
      db,
      { kind: 'application', subject: '', version, sha256, bytes: envelope },
      node.now(),
    );
  });
  return { application, sha256, subject: formatName(subject), envelope };
}

/** What every application says of who applies. */
type Applicant = Pick<
  FirstApplication,
  'createdAt' | 'organisation' | 'nodeId' | 'host' | 'request' | 'journalSpki' | 'software'
>;
