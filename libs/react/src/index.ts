export { ParleyProvider, type ParleyProviderProps } from './parley-provider.js';
export { useDocument, type DocumentState, type SharedDocumentState } from './use-document.js';
export type { ParleyConfig } from './use-own-client.js';
export { usePresence, type PresenceState } from './use-presence.js';
export { useRoom } from './use-room.js';
export { useWebSocket, type WebSocketState } from './use-web-socket.js';
