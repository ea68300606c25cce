/** What an error tells of an application's state, and of what comes next in that state. */
import { applicationStatusTexts } from './messages/rootca';
import type { Phrase } from './phrase';
import { text, type Lang, type Text } from './text';

/** Words beside the states themselves: of an application that another operator changed meanwhile. */
const MOVED: Readonly<Record<string, string>> = {
  unchanged: 'chưa thay đổi',
  changed: 'vừa thay đổi',
  gone: 'không còn',
};

/** One state, or several with ` / ` between them. */
export function statesInVietnamese(states: string): string {
  const known: Readonly<Record<string, Phrase>> = applicationStatusTexts;
  return states
    .split(' / ')
    .map((state) => known[state]?.vi({}) ?? MOVED[state] ?? state)
    .join(' / ');
}

interface Of {
  readonly id: string;
}

const NEXT: Readonly<Record<string, Text<Of>>> = {
  pending: text<Of>(
    (p) => `It waits for approvals: "rootca application show ${p.id}", "rootca application approve ${p.id}".`,
    (p) =>
      `Hồ sơ đang chờ phê duyệt: "rootca application show ${p.id}", "rootca application approve ${p.id}".`,
  ),
  approved: text<Of>(
    (p) => `It waits for its grant: "rootca grant issue ${p.id}".`,
    (p) => `Hồ sơ đang chờ cấp văn bản ủy quyền: "rootca grant issue ${p.id}".`,
  ),
  granted: text<Of>(
    () => 'Its node is in the list of "rootca node list".',
    () => 'Xem nút của hồ sơ này bằng lệnh "rootca node list".',
  ),
  rejected: text<Of>(
    () => 'The applicant mends what the answer names, and applies again.',
    () => 'Đơn vị nộp hồ sơ bổ sung những điểm nêu trong văn bản trả lời rồi nộp lại.',
  ),
};

/** A sentence of its own, after a space; empty for a state that is none of an application's own. */
export function nextForApplication({ id, status }: Of & { readonly status: string }, lang: Lang): string {
  const next = NEXT[status];
  return next === undefined ? '' : ` ${next[lang]({ id })}`;
}
