import type { Examples } from '../wire.js';

/** Made by `npm run docs` from conformance/transcripts/chat. Change those, not this. */
export const examples: Examples = {
  'up HEARTBEAT': ['{"op":"HEARTBEAT"}'],
  'up PRESENCE_UPDATE': ['{"op":"PRESENCE_UPDATE","d":{"status":"idle"}}'],
  'up VOICE_SIGNAL': [
    '{"op":"VOICE_SIGNAL","d":{"to_user_id":"01890a5d-ac96-774b-bcce-b302099a8057","signal":{"type":"offer","sdp":"v=0\\r\\no=- 1 2 IN IP4 127.0.0.1\\r\\n"}}}',
    '{"op":"VOICE_SIGNAL","d":{"to_user_id":"01890a5d-ac96-774b-bcce-b302099a8057","signal":{"type":"answer","sdp":"v=0\\r\\no=- 3 4 IN IP4 127.0.0.1\\r\\n"}}}',
  ],
  'down READY': [
    '{"op":"DISPATCH","t":"READY","d":{"user":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","username":"name","email":null,"avatar_url":null,"status":"online","created_at":"2025-01-01T12:34:56.789Z"},"servers":[{"id":"01890a5d-ac96-774b-bcce-b302099a8057","name":"My Gaming Server","description":null,"owner_id":"01890a5d-ac96-774b-bcce-b302099a8057","member_count":1,"created_at":"2025-01-01T12:34:56.789Z","sequence":7}],"sequence":7}}',
  ],
  'down HEARTBEAT_ACK': ['{"op":"HEARTBEAT_ACK","t":null,"d":null}'],
  'down MESSAGE_CREATE': [
    '{"op":"DISPATCH","t":"MESSAGE_CREATE","d":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","channel_id":"01890a5d-ac96-774b-bcce-b302099a8057","author_id":"01890a5d-ac96-774b-bcce-b302099a8057","content":"Hello, everyone!","created_at":"2025-01-01T12:34:56.789Z","updated_at":null,"edited_at":null,"reply_to":null},"s":7}',
  ],
  'down MESSAGE_UPDATE': [
    '{"op":"DISPATCH","t":"MESSAGE_UPDATE","d":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","channel_id":"01890a5d-ac96-774b-bcce-b302099a8057","author_id":"01890a5d-ac96-774b-bcce-b302099a8057","content":"Edited message content","created_at":"2025-01-01T12:34:56.789Z","updated_at":"2025-01-01T12:34:56.789Z","edited_at":"2025-01-01T12:34:56.789Z","reply_to":null},"s":7}',
  ],
  'down MESSAGE_DELETE': [
    '{"op":"DISPATCH","t":"MESSAGE_DELETE","d":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","channel_id":"01890a5d-ac96-774b-bcce-b302099a8057"},"s":7}',
  ],
  'down PRESENCE_UPDATE': [
    '{"op":"DISPATCH","t":"PRESENCE_UPDATE","d":{"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","status":"online"},"s":7}',
    '{"op":"DISPATCH","t":"PRESENCE_UPDATE","d":{"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","status":"idle"},"s":7}',
  ],
  'down VOICE_STATE_UPDATE': [
    '{"op":"DISPATCH","t":"VOICE_STATE_UPDATE","d":{"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","channel_id":"01890a5d-ac96-774b-bcce-b302099a8057","muted":false,"deafened":false,"self_mute":false,"self_deaf":false,"username":"name","server_id":"01890a5d-ac96-774b-bcce-b302099a8057","joined_at":"2025-01-01T12:34:56.789Z"},"s":7}',
    '{"op":"DISPATCH","t":"VOICE_STATE_UPDATE","d":{"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","channel_id":null,"muted":false,"deafened":false,"self_mute":false,"self_deaf":false,"username":"name","server_id":"01890a5d-ac96-774b-bcce-b302099a8057","joined_at":"2025-01-01T12:34:56.789Z"},"s":7}',
  ],
  'down VOICE_SIGNAL': [
    '{"op":"DISPATCH","t":"VOICE_SIGNAL","d":{"from_user_id":"01890a5d-ac96-774b-bcce-b302099a8057","signal":{"type":"offer","sdp":"v=0\\r\\no=- 1 2 IN IP4 127.0.0.1\\r\\n"}},"s":7}',
    '{"op":"DISPATCH","t":"VOICE_SIGNAL","d":{"from_user_id":"01890a5d-ac96-774b-bcce-b302099a8057","signal":{"type":"answer","sdp":"v=0\\r\\no=- 3 4 IN IP4 127.0.0.1\\r\\n"}},"s":7}',
  ],
  'down ERROR': ['{"op":"DISPATCH","t":"ERROR","d":{"code":"forbidden","message":"text","op":"VOICE_SIGNAL"}}'],
};
