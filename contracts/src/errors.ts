/**
 * Every failure the lab can name. A code is stable: programs branch on it, people search for it.
 * The first word is the noun that failed; the HTTP status is in `errorStatus`.
 */
export const errorStatus = {
  // A command line that cannot be understood; never sent by the lab.
  'usage.invalid': 400,
  // A request that cannot be understood.
  'request.invalid': 400,
  'request.not-found': 404,
  'request.too-large': 413,
  'request.conflict': 409,
  'request.idempotency-mismatch': 422,
  'request.rate-limited': 429,
  'request.host-not-allowed': 421,
  'request.origin-not-allowed': 403,
  'cursor.invalid': 400,
  'selector.invalid': 400,
  // Who may do what.
  'auth.missing': 401,
  'auth.malformed': 401,
  'auth.unknown': 401,
  'auth.expired': 401,
  'auth.revoked': 401,
  'auth.forbidden': 403,
  'auth.code-invalid': 401,
  'invitation.ended': 401,
  'invitation.full': 409,
  'invitation.off': 403,
  'user.last-admin': 409,
  'join.token-invalid': 401,
  'join.token-spent': 401,
  'join.proof-invalid': 401,
  'join.fingerprint-mismatch': 401,
  // Uploads and blobs.
  'upload.hash-mismatch': 422,
  'upload.offset-mismatch': 409,
  'upload.incomplete': 409,
  'upload.too-large': 413,
  'blob.missing': 404,
  'blob.corrupt': 500,
  // Models.
  'model.not-onnx': 422,
  'model.truncated': 422,
  'model.tensor-size': 422,
  'model.external-data': 422,
  'model.too-complex': 422,
  'model.op-domain': 422,
  'model.op-unsupported': 422,
  'model.shape-unknown': 422,
  'model.in-use': 409,
  'model.name-taken': 409,
  // Labelled data.
  'data.not-npz': 422,
  'data.bomb': 422,
  'data.dtype': 422,
  'data.shape-mismatch': 422,
  'data.label-range': 422,
  'data.missing': 422,
  // Recipes, passes and artifacts.
  'recipe.unknown': 404,
  'recipe.invalid': 422,
  'recipe.parameter': 422,
  'recipe.below-floor': 422,
  'pass.not-applicable': 422,
  'pass.failed': 422,
  'artifact.corrupt': 422,
  'artifact.missing': 404,
  'artifact.not-ready': 409,
  // Plans for microcontrollers.
  'plan.unsupported': 422,
  'plan.too-large': 422,
  'variant.interface-mismatch': 422,
  // Devices, jobs and runs.
  'device.unknown': 404,
  'device.none-match': 422,
  'device.offline': 409,
  'device.busy': 409,
  'device.in-use': 409,
  'device.unhealthy': 409,
  // A board on a line: the port is gone; silence; an answer that cannot be; a stated error; its state is gone.
  'device.unplugged': 503,
  'device.no-answer': 504,
  'device.protocol': 502,
  'device.refused': 422,
  'device.rebooted': 503,
  'job.unknown': 404,
  'job.ended': 409,
  'job.failure-threshold': 409,
  'run.unknown': 404,
  'run.bad-transition': 409,
  'run.cancelled': 409,
  'run.crashed': 422,
  'run.out-of-memory': 422,
  'run.cpu-limit': 422,
  'run.timeout': 422,
  'run.model-rejected': 422,
  'run.output-invalid': 422,
  'run.lost': 503,
  'run.interrupted': 503,
  'claim.stale-fence': 409,
  'claim.not-held': 409,
  'result.refused': 409,
  // The wire between agent and coordinator.
  'wire.invalid': 400,
  'wire.unsupported': 400,
  'wire.version': 426,
  'journal.corrupt': 500,
  'journal.gap': 409,
  'journal.full': 507,
  'link.rejected': 403,
  'link.unreachable': 503,
  'agent.data-locked': 409,
  'agent.unsupported-platform': 422,
  // The lab itself.
  'lab.unreachable': 503,
  'lab.overloaded': 503,
  'lab.port-taken': 409,
  'lab.data-locked': 409,
  'lab.schema-newer': 409,
  'lab.internal': 500,
  'database.bad-parameter': 500,
  'runtime.missing': 501,
  'runtime.failed': 500,
  // A setting that the chosen runtime has no use for; a program that breaks the protocol of docs/external-runtime.md; times that cannot be.
  'runtime.setting-unsupported': 422,
  'runtime.protocol': 502,
  'runtime.implausible': 502,
  'summary.no-observations': 409,
  'frontier.no-points': 404,
  // Remarks.
  'note.unknown': 404,
  'note.subject-unknown': 404,
  'note.changed': 409,
  'note.not-yours': 403,
  // Holds on devices.
  'lease.unknown': 404,
  'lease.changed': 409,
  'lease.not-held': 409,
  'lease.not-yours': 403,
  'lease.held': 409,
  'lease.ended': 409,
  'lease.too-long': 422,
  'lease.too-many': 409,
  'lease.asked': 409,
  'lease.not-asked': 409,
  'lease.forced': 409,
  // Keyboards of boards.
  'console.absent': 409,
  'console.no-lease': 409,
  'console.not-writer': 409,
  'console.not-yours': 403,
  'console.asked': 409,
  'console.not-asked': 409,
  'console.measuring': 409,
  'console.too-late': 409,
  'console.full': 429,
  // Rotation.
  'device.quarantined': 409,
  'canary.unknown': 404,
  // Searches, nights and what is said of them.
  'sweep.unknown': 404,
  'sweep.invalid': 422,
  'sweep.empty': 422,
  'sweep.too-large': 422,
  'sweep.ended': 409,
  'sweep.not-ended': 409,
  'schedule.unknown': 404,
  'schedule.name-taken': 409,
  'schedule.cron-invalid': 422,
  'schedule.overlap': 409,
  'baseline.unknown': 404,
  'baseline.name-taken': 409,
  'gate.unknown': 404,
  'gate.row-unknown': 404,
  'gate.no-overlap': 409,
  'gate.decided': 409,
  'subscription.unknown': 404,
  'subscription.name-taken': 409,
  'subscription.address-refused': 422,
  'subscription.folder-refused': 422,
  'export.too-large': 413,
  'guide.no-results': 404,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof errorStatus;

/** The one error of the project. `message` is for people and says the remedy; `code` is for programs. */
export class LabError extends Error {
  override readonly name = 'LabError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
  /** HTTP status that goes with the code. */
  get status(): number {
    return errorStatus[this.code];
  }
}

/** Narrowing predicate; with a code it also checks which. */
export function isLabError(error: unknown, code?: ErrorCode): error is LabError {
  return error instanceof LabError && (code === undefined || error.code === code);
}

/** Text of anything that was thrown; never throws itself. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
