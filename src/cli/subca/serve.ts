/** `subca serve`: the public service, with a CRL that is never late. */
import { once } from 'node:events';
import { CodedError } from '../../errors';
import { createPublicServer, listen } from '../../http';
import { filled } from '../../i18n';
import { subcaServiceTexts as texts } from '../../i18n/messages/subcaService';
import type { Logger } from '../../logger';
import {
  abandonOrphans,
  carryOutDirectives,
  checkJournalEnds,
  followMirror,
  leaseStatus,
  logLease,
  OcspResponder,
  publishDueCrls,
  publishedFiles,
  republish,
  synchroniseContinuously,
  tokenStatus,
  type LeaseStatus,
  type SubCaNode,
} from '../../node';
import { keepUp } from '../chores';
import { defineCommand } from '../command';
import { pinOptions } from '../pin';
import { carrierOf } from './carrier';
import { software, withNode, type Session } from './session';

const CHECK_EVERY_MS = 60_000;

export const serve = defineCommand({
  path: 'serve',
  summary: texts.serve,
  example: ['subca serve'],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      const { node, journal } = session;
      await checkJournalEnds(node);
      await abandonOrphans(node, journal);
      await republish(node);
      await carryOutDirectives(node, journal);
      await publishDueCrls(node, journal);
      const lease = new LeaseWatch(node);
      await lease.look();
      const responder = new CurrentResponder(session);
      await responder.begin(context.logger);
      const app = await createPublicServer({
        logger: context.logger,
        folder: node.paths.published,
        serves: async (name) => (await publishedFiles(node)).has(name),
        ocsp: (request) => responder.respond(request),
        readiness: () => tokenStatus(node),
      });
      const { address, port } = node.config.public;
      const server = await listen(app, address, port);
      const url = `http://${address}:${String(server.port)}`;
      context.announce(filled(texts.serving, { address: url }));
      const sending = sendContinuously(session, context.signal);
      // The old CRL stays served meanwhile, and so does what the old responder can answer.
      void keepUp(
        {
          mirror: () => followMirror(node),
          directives: () => carryOutDirectives(node, journal),
          crls: () => publishDueCrls(node, journal),
          responder: () => responder.renew(),
          lease: () => lease.look(),
        },
        { everyMs: CHECK_EVERY_MS, signal: context.signal, logger: context.logger },
      );
      try {
        if (!context.signal.aborted) await once(context.signal, 'abort');
      } finally {
        await server.close();
        await sending;
      }
      return { json: { url, stopped: true }, text: (lang) => texts.served[lang]({}) };
    }),
});

/** Tells the log of the lease once, and again when it comes to its next state. */
class LeaseWatch {
  #state: LeaseStatus['state'] | undefined;

  constructor(private readonly node: SubCaNode) {}

  async look(): Promise<void> {
    const lease = await leaseStatus(this.node, await this.node.delegation());
    if (lease?.state !== this.#state) logLease(this.node, lease);
    this.#state = lease?.state;
  }
}

/** Until the signal is aborted, if the configuration asks for it. */
async function sendContinuously({ node, journal }: Session, signal: AbortSignal): Promise<void> {
  if (node.config.registry?.continuous !== true) return;
  const carry = await carrierOf(node, signal);
  await synchroniseContinuously(node, journal, carry, { software: software().version, signal });
}

/** The responder in use; replaced when its certificate nears its end. */
class CurrentResponder {
  #responder: Promise<OcspResponder> | undefined;
  /** Why there is none yet. */
  #refusal: CodedError | undefined;

  constructor(private readonly session: Session) {}

  async renew(): Promise<void> {
    const { node, journal } = this.session;
    const next = OcspResponder.open(node, journal);
    await next;
    this.#responder = next;
  }

  /** An OCSP key on a token of its own stops nothing else when that token is away: it is looked for every minute. */
  async begin(logger: Logger): Promise<void> {
    const { node } = this.session;
    try {
      await this.renew();
    } catch (error) {
      const apart = node.tokenOf('ocsp') !== node.tokenOf('ca');
      if (!apart || !(error instanceof CodedError) || error.category !== 'unavailable') throw error;
      logger.error({ err: error }, 'no answers to status checks yet');
      this.#refusal = error;
    }
  }

  async respond(request: Buffer): ReturnType<OcspResponder['respond']> {
    const responder = await this.#responder;
    if (responder === undefined) throw this.#refusal ?? new Error('asked before the responder was opened');
    return responder.respond(request);
  }
}
