/** The formats that can be asserted, each checked in one pass over the text. */

/** Checks by the name of the format. */
export const formatChecks: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['email', isEmail],
  ['uri', isUri],
  ['date', isDate],
  ['date-time', isDateTime],
  ['uuid', isUuid],
  ['ipv4', isIpv4],
]);

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  if (at < 1 || local.length > 64 || domain.length > 255) return false;
  const dotted = local.split('.').every((part) => atomText.test(part));
  if (!dotted && !quotedText.test(local)) return false;
  if (domain.startsWith('[') && domain.endsWith(']')) return isAddressLiteral(domain.slice(1, -1));
  return domain.split('.').every((label) => label.length <= 63 && labelText.test(label));
}

// Each of these repeats one class of characters at most once, so they take linear time.
const atomText = /^[\w!#$%&'*+/=?^`{|}~-]+$/;
const quotedText = /^"(?:[^"\\\r\n]|\\.)*"$/;
const labelText = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const schemeText = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const uriText = /^(?:[\w!$&'()*+,;=:@/?#[\].~-]|%[0-9A-Fa-f]{2})*$/;
const uuidText = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;
const dateText = /^(\d{4})-(\d\d)-(\d\d)$/;
const timeText = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const octetText = /^(?:0|[1-9]\d{0,2})$/;

function isAddressLiteral(text: string): boolean {
  return text.startsWith('IPv6:') ? URL.canParse(`http://[${text.slice(5)}]/`) : isIpv4(text);
}

function isUri(text: string): boolean {
  if (!schemeText.test(text) || !uriText.test(text)) return false;
  const [beforeFragment = '', ...fragments] = text.split('#');
  if (fragments.length > 1) return false;
  const afterScheme = beforeFragment.slice(beforeFragment.indexOf(':') + 1);
  if (!afterScheme.startsWith('//')) return !/[[\]]/.test(text);
  const authority = /^\/\/([^/?]*)/.exec(afterScheme)?.[1] ?? '';
  // Brackets may stand around an IPv6 address and nowhere else.
  if (/[[\]]/.test(text.replace(authority, ''))) return false;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (/[[\]@]/.test(authority.slice(0, Math.max(0, authority.lastIndexOf('@'))))) return false;
  if (/[[\]]/.test(host)) return URL.canParse(`http://${host}/`);
  return /^[^:]*(?::\d*)?$/.test(host);
}

function isDate(text: string): boolean {
  const [, year, month, day] = dateText.exec(text) ?? [];
  if (year === undefined) return false;
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const leap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  const days = m === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(m) ? 30 : 31;
  return m >= 1 && m <= 12 && d >= 1 && d <= days;
}

function isDateTime(text: string): boolean {
  return isDate(text.slice(0, 10)) && /^[Tt]$/.test(text.charAt(10)) && isTime(text.slice(11));
}

function isTime(text: string): boolean {
  const found = timeText.exec(text);
  if (found === null) return false;
  const [hour, minute, second] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const [zoneHour, zoneMinute] = [Number(found[5] ?? 0), Number(found[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return false;
  if (second < 60) return true;
  // A leap second is the last second of a day in UTC, whatever the local time says.
  const offset = (found[4] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute);
  return (hour * 60 + minute - offset + 2 * 1440) % 1440 === 1439;
}

function isUuid(text: string): boolean {
  return uuidText.test(text);
}

function isIpv4(text: string): boolean {
  const octets = text.split('.', 5);
  return octets.length === 4 && octets.every((one) => octetText.test(one) && Number(one) <= 255);
}
