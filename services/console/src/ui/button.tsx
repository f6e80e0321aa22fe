import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classNames } from './class-names.js';
import { Icon, type IconName } from './icon.js';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly variant?: 'primary' | 'secondary' | 'quiet' | 'danger';
  readonly icon?: IconName;
  readonly size?: 'small' | 'normal';
  /** What was asked for is under way: it cannot be asked for again. */
  readonly busy?: boolean;
}

export function Button(props: ButtonProps): ReactNode {
  const { variant = 'secondary', icon, size = 'normal', busy = false, className, children, disabled, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={classNames('button', `button-${variant}`, size === 'small' && 'button-small', className)}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: IconName;
  /** Said to who does not see the icon, and shown to who rests on it. */
  readonly label: string;
}

export function IconButton({ icon, label, variant = 'quiet', className, ...rest }: IconButtonProps): ReactNode {
  return (
    <Button
      {...rest}
      variant={variant}
      icon={icon}
      aria-label={label}
      title={label}
      className={classNames('button-icon', className)}
    />
  );
}
