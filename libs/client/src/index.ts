export { CollaborativeClient, type ClientConfig, type RoomOptions } from './collab/collaborative-client.js';
export type { CollabEvents } from './collab/collab-events.js';
export type { Position } from './collab/binary-frames.js';
export type { Connected, Role } from './collab/collab-messages.js';
export type { Cursor, Participant, Selection } from './collab/participants.js';
export type {
  DocumentChange,
  DocumentSnapshot,
  EditOptions,
  Operation,
  Range,
  RejectedChange,
  Room,
  RoomDocument,
  RoomEvents,
  RoomStatus,
} from './collab/room.js';
export { ChatClient, type ChatEvents, type ChatStatus } from './chat/chat-client.js';
export type {
  ChatMessage,
  ChatPresence,
  ChatReady,
  DeletedMessage,
  VoiceSignal,
  VoiceState,
} from './chat/chat-messages.js';
export type { ChatChannel, ChatMember, ChatMembers, ChatServer, IceServers } from './chat/chat-resources.js';
export { ChatRest, type ChatRestConfig } from './chat/chat-rest.js';
export { ChatServers } from './chat/chat-servers.js';
export { ChatVoice, type VoiceSettings } from './chat/chat-voice.js';
export { PartyClient } from './party/party-client.js';
export type { PartyEvents } from './party/party-events.js';
export type { PartyConfig } from './party/party-link.js';
export {
  PartyRest,
  type HostOrder,
  type NewParty,
  type Party,
  type PartyPage,
  type PartyPlace,
  type PartyWithMembers,
} from './party/party-rest.js';
export type { LeaveReason, MemberStatus, PartyInfo, PartyMember } from './party/party-messages.js';
export {
  TopicsClient,
  type DirectMessageOptions,
  type PresenceStatus,
  type PublishOptions,
} from './topics/topics-client.js';
export type { TopicsEvents } from './topics/topics-events.js';
export type { Gap, TopicHandler } from './topics/subscriptions.js';
export type { DirectMessage, HistoryPage, Notification, Presence, TopicMessage } from './topics/topics-messages.js';
export type { BackoffOptions } from './transport/backoff.js';
export type { ConnectionConfig } from './transport/connection-options.js';
export type { ConnectionState, ConnectionStatus } from './transport/connection-status.js';
export { ParleyError, type ParleyErrorCode, type ParleyErrorDetails } from './transport/parley-error.js';
export { Rest, type RestConfig } from './transport/rest.js';
export type { TokenProvider } from './transport/token-source.js';
export type { WaitOptions } from './transport/wait.js';
export type { HeartbeatOptions } from './transport/watchdog.js';
export type { UrlProvider, WebSocketConstructor, WebSocketLike } from './transport/websocket.js';
export type { Device, DevicePage, NewDevice, WatchSessionPage, WatchSessionRecord } from './watch/device-bodies.js';
export type { DeviceSession, MediaSource } from './watch/device-session.js';
export type {
  MediaLike,
  PeerConfig,
  PeerConnectionConstructor,
  PeerConnectionLike,
  TrackLike,
} from './watch/peer-connection.js';
export type { ViewerSession } from './watch/viewer-session.js';
export { WatchDevice, type DeviceConfig } from './watch/watch-device.js';
export type { SessionEndReason, WatchSessionEvents, WatchState } from './watch/session-events.js';
export type { DeviceEvents, ViewerEvents } from './watch/watch-events.js';
export type { DevicePresence, WatchEndReason } from './watch/watch-messages.js';
export { WatchViewer, type ViewerConfig, type WatchOptions } from './watch/watch-viewer.js';
export { WatchRest, type DeviceRegistration, type WatchRestConfig } from './watch/watch-rest.js';
