/** What an order of the root says, for people at either end. */
import type { Order } from '../delegation';
import type { Lang } from '../i18n';
import { orderTexts } from '../i18n/messages/rootcaDirectives';

export function orderText(order: Order, lang: Lang): string {
  switch (order.kind) {
    case 'revoke':
      return orderTexts.revoke[lang](order);
    case 'suspend-issuance':
    case 'resume-issuance':
      return orderTexts[order.kind][lang]({});
    case 'withdraw':
      return orderTexts[order.mode][lang]({});
  }
}
