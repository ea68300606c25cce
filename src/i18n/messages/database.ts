/** What the commands say about where the database is. */
import { text } from '../text';

export const databaseTexts = {
  option: text(
    () => 'PostgreSQL database in place of a file in the directory: postgresql://user@host:port/name',
    () => 'cơ sở dữ liệu PostgreSQL thay cho tệp trong thư mục dữ liệu: postgresql://user@host:port/name',
  ),
  passwordOption: text(
    () => 'file with the password of the database (mode 0600)',
    () => 'tệp chứa mật khẩu của cơ sở dữ liệu (quyền 0600)',
  ),
  database: text(
    () => 'database',
    () => 'cơ sở dữ liệu',
  ),
} as const;
