/** The package carries no types of its own. */
declare module 'js-yaml' {
  /** Reads one document without any of JavaScript's own types. Throws if it is no YAML. */
  export function safeLoad(text: string): unknown;
}
