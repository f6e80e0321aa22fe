import type { ReactNode } from 'react';
import type { RoomProps } from '../rooms/room.js';
import { Empty } from '../ui/states.js';
import { RoomPage } from '../ui/room-page.js';

export function OperatorRoom({ session }: RoomProps): ReactNode {
  return (
    <RoomPage title="Operator">
      <Empty title="Nothing here yet">You are {session.user.username}.</Empty>
    </RoomPage>
  );
}
