import { wrap } from './wrap.js';

/** Style that decides how a picture looks; everything else is the page's. */
const kept = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'stroke-linecap',
  'opacity',
  'font-size',
  'font-weight',
  'font-family',
  'paint-order',
  'display',
] as const;

export interface SvgText {
  readonly title: string;
  readonly caption: string;
  /** Address of the lab. */
  readonly lab: string;
}

const headPx = 30;
const linePx = 14;
/** Average width of a 10 px character, on the safe side. */
const characterPx = 5.6;

/** The picture as it is on the screen, self-contained: computed colours, title, caption, date and the lab's address. */
export function exportSvg(svg: SVGSVGElement, text: SvgText): Blob {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  for (const [i, element] of copies.entries()) inline(originals[i]!, element);
  const { width, height } = svg.viewBox.baseVal;
  const lines = wrap(
    `${text.caption} · ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC · ${text.lab}`,
    (width - 28) / characterPx,
  );
  const footPx = 12 + lines.length * linePx;
  const whole = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  whole.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  whole.setAttribute('viewBox', `0 0 ${width} ${height + headPx + footPx}`);
  whole.setAttribute('width', String(width));
  whole.setAttribute('height', String(height + headPx + footPx));
  whole.setAttribute('font-family', 'system-ui, sans-serif');
  const ground = add(whole, 'rect', { width, height: height + headPx + footPx, fill: variable('--surface') });
  ground.setAttribute('stroke', 'none');
  add(whole, 'text', { x: 14, y: 20, 'font-size': 14, 'font-weight': 600, fill: variable('--ink') }).textContent =
    text.title;
  copy.setAttribute('y', String(headPx));
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  whole.append(copy);
  lines.forEach((line, i) => {
    add(whole, 'text', {
      x: 14,
      y: height + headPx + 16 + i * linePx,
      'font-size': 10,
      fill: variable('--ink-3'),
    }).textContent = line;
  });
  return new Blob([new XMLSerializer().serializeToString(whole)], { type: 'image/svg+xml' });
}

/** Custom properties may hold `light-dark(…)`; a probe lets the browser resolve them to a plain colour. */
function variable(name: string): string {
  const probe = document.body.appendChild(document.createElement('span'));
  probe.style.color = `var(${name})`;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function inline(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const property of kept) {
    const value = style.getPropertyValue(property);
    // A pattern's address is an attribute already, and the computed one would name this page.
    if (value !== '' && !value.includes('url(')) to.setAttribute(property, value);
  }
  for (const attribute of ['class', 'tabindex', 'data-testid', 'aria-pressed', 'role', 'style'])
    to.removeAttribute(attribute);
}

function add(parent: Element, name: string, attributes: Readonly<Record<string, string | number>>): Element {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent.append(element);
  return element;
}
