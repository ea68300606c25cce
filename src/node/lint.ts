/** The lint of what this node is about to sign: the table of checks, and the administrator's own linter if there is one. */
import type { Logger } from '../logger';
import {
  assembleCertificate,
  encodePem,
  lint,
  lintIssuerOf,
  lintProblems,
  type Certificate,
  type LintIssuer,
  type TbsCertificate,
} from '../x509';
import type { NodeConfig } from './config';
import { NodeError } from './errors';
import { ExternalLinter } from './externalLinter';

/** Stands where the signature will be: a DER Ecdsa-Sig-Value of 1 and 1, which is also some octets of an RSA signature. */
const NO_SIGNATURE = Buffer.from('3006020101020101', 'hex');

export class IssuanceLint {
  /** Warnings told already: a profile that causes one would cause it thousands of times. */
  readonly #warned = new Set<string>();

  private constructor(
    private readonly issuer: LintIssuer,
    private readonly external: ExternalLinter | undefined,
    private readonly logger: Logger,
  ) {}

  /** @throws NodeError `LINTER_UNUSABLE` */
  static async open(
    outside: NonNullable<NodeConfig['lint']>['external'] | undefined,
    ca: Certificate,
    logger: Logger,
  ): Promise<IssuanceLint> {
    const external = outside && (await ExternalLinter.open(outside));
    return new IssuanceLint(lintIssuerOf(ca.der), external, logger);
  }

  /**
   * Holds what is to be signed to the table of checks.
   * @throws NodeError `LINT_FAILED` with every error
   */
  check(tbs: Buffer, profile: string): void {
    const findings = lint(tbs, 'TBSCertificate', this.issuer);
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      throw new NodeError(
        'LINT_FAILED',
        { profile, count: errors.length },
        { problems: lintProblems(errors) },
      );
    }
    for (const { check, severity, where, found, allowed } of findings) {
      if (severity !== 'warning' || this.#warned.has(`${profile} ${check}`)) continue;
      this.#warned.add(`${profile} ${check}`);
      this.logger.warn({ profile, check, where, found, allowed }, 'lint');
    }
  }

  /**
   * Has the administrator's own linter judge it. The program gets a certificate whose signature is none: the real one is
   * made only of what it lets pass.
   * @throws NodeError `LINTER_REFUSED`, `LINTER_TIMED_OUT`, `LINTER_UNUSABLE`
   */
  async checkOutside(tbs: TbsCertificate): Promise<void> {
    if (this.external === undefined) return;
    const certificate = assembleCertificate(tbs.der, tbs.signatureAlgorithm, NO_SIGNATURE);
    await this.external.judge(encodePem('CERTIFICATE', certificate));
  }
}
