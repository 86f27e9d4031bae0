/** XML as the Query protocol's answers use it: text, structures, and lists of `<member>`. */

/** What an element can hold. Fields that are undefined are left out. */
export type Xml = string | readonly Xml[] | { readonly [field: string]: Xml | undefined };

/** One element with everything below it. `namespace` becomes `xmlns`. */
export function element(name: string, content: Xml, namespace?: string): string {
  const xmlns = namespace === undefined ? '' : ` xmlns="${escape(namespace)}"`;
  return `<${name}${xmlns}>${inner(content)}</${name}>`;
}

function inner(content: Xml): string {
  if (typeof content === 'string') return escape(content);
  if (isList(content)) return content.map((member) => element('member', member)).join('');
  return Object.entries(content)
    .map(([field, value]) => (value === undefined ? '' : element(field, value)))
    .join('');
}

const isList = (content: Xml): content is readonly Xml[] => Array.isArray(content);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // Parsers turn a bare carriage return into a line feed: https://www.w3.org/TR/xml/#sec-line-ends
  '\r': '&#xD;',
};

/** Characters that XML 1.0 cannot hold, even as references: https://www.w3.org/TR/xml/#charsets */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const escape = (text: string): string =>
  text.replace(NOT_XML, '\uFFFD').replace(/[&<>"'\r]/g, (character) => ENTITIES[character] ?? character);
