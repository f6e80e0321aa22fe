import type { ReactNode } from 'react';
import { Empty } from '../../ui/states.js';
import { RoomPage } from '../../ui/room-page.js';
import type { RoomProps } from '../room.js';

export function TopicsRoom({ session }: RoomProps): ReactNode {
  return (
    <RoomPage title="Topics">
      <Empty title="Nothing here yet">You are {session.user.username}.</Empty>
    </RoomPage>
  );
}
