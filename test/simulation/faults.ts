/** What goes wrong with a port call, by its name. */

/**
 * `fails`: nothing was done, and the answer says so. `unanswered`: it was done, and the answer says that it failed.
 * `contested`: it was done, and the answer says that another writer was first, as after a retry of the SDK's.
 * `partly`: some addresses do not answer.
 */
export type Fault = 'fails' | 'unanswered' | 'contested' | 'partly';

/** What a call meets: `read ARN`, `document URL`, `probe HOST`, `load ID`, `save ID`, `publish`, `update ARN`, … */
export type Weather = (call: string) => Fault | null;

/** Nothing goes wrong. */
export const calm: Weather = () => null;
