/** A reader of JUnit XML that refuses what XML 1.0 or Jenkins's junit-10.xsd, which CircleCI's form follows, refuses. */

/** An element as it was read, entities resolved. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** The text is not what it should be. */
export class MalformedXml extends Error {}

const TOKEN =
  /<\?xml version="1\.0" encoding="UTF-8"\?>|<(\/?)([a-z][a-z-]*)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
/** XML 1.0 section 2.2. */
const NOT_A_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function resolve(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text)) throw new MalformedXml(`a stray & in ${text}`);
  if (text.includes(']]>')) throw new MalformedXml('"]]>" in text');
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (_, point: string | undefined, name: string | undefined) =>
    point === undefined ? (ENTITIES[name ?? ''] ?? '') : String.fromCodePoint(Number(point)),
  );
}

/** Parses a document; what is left open, closed twice or not understood is refused. */
export function readXml(xml: string): XmlElement {
  if (NOT_A_CHARACTER.test(xml)) throw new MalformedXml('a character that XML does not permit');
  const top: XmlElement = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [top];
  let at = 0;
  while (at < xml.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(xml);
    if (match === null) throw new MalformedXml(`not understood: ${xml.slice(at, at + 80)}`);
    at = TOKEN.lastIndex;
    take(match, open);
  }
  const [root, ...others] = top.children;
  if (open.length !== 1 || root === undefined || others.length > 0) throw new MalformedXml('not one root');
  return root;
}

function take([, close, name, attributes = '', empty, text]: RegExpExecArray, open: XmlElement[]): void {
  const parent = open.at(-1);
  if (parent === undefined) throw new MalformedXml('closed too often');
  if (text !== undefined) parent.text += resolve(text);
  if (name === undefined) return;
  if (close === '/') {
    if (open.pop()?.name !== name) throw new MalformedXml(`</${name}> closes something else`);
    return;
  }
  const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)];
  const element: XmlElement = {
    name,
    attributes: new Map(pairs.map(([, key = '', value = '']) => [key, resolve(value)])),
    children: [],
    text: '',
  };
  if (element.attributes.size !== pairs.length) throw new MalformedXml(`an attribute twice in <${name}>`);
  parent.children.push(element);
  if (empty !== '/') open.push(element);
}

interface Rule {
  readonly needed: readonly string[];
  readonly permitted: readonly string[];
  readonly children: readonly string[];
}

const RESULT: Rule = { needed: [], permitted: ['type', 'message'], children: [] };
const RULES: ReadonlyMap<string, Rule> = new Map([
  [
    'testsuites',
    { needed: [], permitted: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
  ],
  [
    'testsuite',
    {
      needed: ['name', 'tests', 'failures', 'errors'],
      permitted: ['skipped', 'time', 'timestamp', 'hostname', 'id', 'package', 'file'],
      children: ['testcase'],
    },
  ],
  // CircleCI wants `classname` and `time`, too.
  [
    'testcase',
    {
      needed: ['name', 'classname', 'time'],
      permitted: [],
      children: ['skipped', 'error', 'failure', 'system-out'],
    },
  ],
  ['skipped', RESULT],
  ['error', RESULT],
  ['failure', RESULT],
  ['system-out', { needed: [], permitted: [], children: [] }],
]);

/** Everything in a document that the schema does not permit. */
export function schemaProblems({ name, attributes, children }: XmlElement): readonly string[] {
  const rule = RULES.get(name);
  if (rule === undefined) return [`<${name}> is not known`];
  return [
    ...rule.needed.filter((key) => !attributes.has(key)).map((key) => `<${name}> lacks ${key}`),
    ...[...attributes.keys()]
      .filter((key) => ![...rule.needed, ...rule.permitted].includes(key))
      .map((key) => `<${name}> has ${key}`),
    ...children
      .filter((child) => !rule.children.includes(child.name))
      .map((child) => `<${child.name}> in <${name}>`),
    ...children.flatMap(schemaProblems),
  ];
}
