import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import { classNames } from './class-names.js';

interface Labelled {
  readonly label: string;
  /** The label is only read out; a placeholder or the surroundings show it. */
  readonly labelHidden?: boolean;
  readonly hint?: ReactNode;
  /** What is wrong with it. */
  readonly error?: string | undefined;
}

interface FrameProps extends Labelled {
  readonly id: string;
  readonly children: ReactNode;
}

function Frame({ id, label, labelHidden = false, hint, error, children }: FrameProps): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Labelled): { 'aria-describedby'?: string; 'aria-invalid'?: true } {
  const ids = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].filter(Boolean);
  return {
    ...(ids.length === 0 ? {} : { 'aria-describedby': ids.join(' ') }),
    ...(error === undefined ? {} : { 'aria-invalid': true }),
  };
}

export type TextFieldProps = Labelled & InputHTMLAttributes<HTMLInputElement>;

/** An input with its label, a hint below and what is wrong with it. */
export function TextField({ label, labelHidden, hint, error, className, ...input }: TextFieldProps): ReactNode {
  const id = useId();
  const about: Labelled = { label, labelHidden: labelHidden ?? false, hint, error };
  return (
    <Frame id={id} {...about}>
      <input type="text" {...input} {...described(id, about)} id={id} className={classNames('input', className)} />
    </Frame>
  );
}

export type TextAreaProps = Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>;

export function TextArea({ label, labelHidden, hint, error, className, ...input }: TextAreaProps): ReactNode {
  const id = useId();
  const about: Labelled = { label, labelHidden: labelHidden ?? false, hint, error };
  return (
    <Frame id={id} {...about}>
      <textarea {...input} {...described(id, about)} id={id} className={classNames('input', className)} />
    </Frame>
  );
}

export type SelectProps = Labelled & SelectHTMLAttributes<HTMLSelectElement>;

/** `children` are its options. */
export function Select({ label, labelHidden, hint, error, className, ...input }: SelectProps): ReactNode {
  const id = useId();
  const about: Labelled = { label, labelHidden: labelHidden ?? false, hint, error };
  return (
    <Frame id={id} {...about}>
      <select {...input} {...described(id, about)} id={id} className={classNames('input', className)} />
    </Frame>
  );
}
