import type { ReactNode } from 'react';
import { Icon } from '../ui/icon.js';
import { places } from './places.js';
import { hashOf } from './route.js';

/** The rooms: a column beside them, and a bar below them on a phone. */
export function Nav({ current }: { readonly current: string }): ReactNode {
  return (
    <nav className="nav" aria-label="Rooms">
      <ul>
        {places.map(({ path, title, about, icon }) => (
          <li key={path} className={path === 'operator' ? 'nav-apart' : undefined}>
            <a href={hashOf(path)} aria-current={path === current ? 'page' : undefined}>
              <Icon name={icon} size={20} />
              <span className="nav-words">
                <span className="nav-title">{title}</span>
                <span className="nav-about">{about}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
