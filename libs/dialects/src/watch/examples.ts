import type { Examples } from '../wire.js';

/** Made by `npm run docs` from conformance/transcripts/watch. Change those, not this. */
export const examples: Examples = {
  'up device_hello': [
    '{"type":"hello","ts":"2025-01-01T12:34:56.789Z","payload":{"device_id":"01890a5d-ac96-774b-bcce-b302099a8057","key":"key"}}',
    '{"type":"hello","ts":"2025-01-01T12:34:56.789Z","payload":{"device_id":"kitchen-cam-001-name"}}',
  ],
  'up viewer_hello': [
    '{"type":"hello","ts":"2025-01-01T12:34:56.789Z","payload":{"token":"token"}}',
    '{"type":"hello","ts":"2025-01-01T12:34:56.789Z","payload":{"token":"eyJ0eXAiOiJKV1QiLCJhbGc..."}}',
  ],
  'up heartbeat': ['{"type":"heartbeat","ts":"2025-01-01T12:35:26.789Z","payload":{}}'],
  'up watch_request': [
    '{"type":"watch_request","request_id":"req-001","ts":"2025-01-01T12:36:00.000Z","payload":{"device_id":"01890a5d-ac96-774b-bcce-b302099a8057"}}',
    '{"type":"watch_request","request_id":"req-001","ts":"2025-01-01T12:34:56.789Z","payload":{"device_id":"no-cam-name"}}',
  ],
  'up end_watch': [
    '{"type":"end_watch","ts":"2025-01-01T12:40:00.000Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057"}}',
    '{"type":"end_watch","request_id":"req-003","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890000-0000-7000-8000-000000000000"}}',
  ],
  'up signal_offer': [
    '{"type":"signal_offer","ts":"2025-01-01T12:36:01.000Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","sdp":{"type":"offer","sdp":"v=0\\r\\no=- 123456789 2 IN IP4 127.0.0.1\\r\\n..."}}}',
  ],
  'up signal_answer': [
    '{"type":"signal_answer","ts":"2025-01-01T12:36:01.500Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","sdp":{"type":"answer","sdp":"v=0\\r\\no=- 987654321 2 IN IP4 127.0.0.1\\r\\n..."}}}',
  ],
  'up signal_ice': [
    '{"type":"signal_ice","ts":"2025-01-01T12:36:02.000Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","candidate":{"candidate":"candidate:1 1 UDP 2130706431 192.168.1.100 54321 typ host","sdpMid":"0","sdpMLineIndex":0}}}',
    '{"type":"signal_ice","ts":"2025-01-01T12:36:05.000Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","candidate":null}}',
  ],
  'up device_presence': [
    '{"type":"device_presence","ts":"2025-01-01T12:34:56.789Z","payload":{"battery":85,"temperature":45,"recording":false}}',
  ],
  'down device_hello_ack': [
    '{"type":"hello_ack","ts":"2025-01-01T12:34:56.789Z","payload":{"device_id":"01890a5d-ac96-774b-bcce-b302099a8057","server_time":"2025-01-01T12:34:56.789Z"}}',
  ],
  'down viewer_hello_ack': [
    '{"type":"hello_ack","ts":"2025-01-01T12:34:56.789Z","payload":{"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","server_time":"2025-01-01T12:34:56.789Z"}}',
  ],
  'down heartbeat_ack': ['{"type":"heartbeat_ack","ts":"2025-01-01T12:34:56.789Z","payload":{}}'],
  'down watch_request': [
    '{"type":"watch_request","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","user_id":"01890a5d-ac96-774b-bcce-b302099a8057","ice_servers":[{"urls":"stun:stun.example.org:3478"}]}}',
  ],
  'down watch_ready': [
    '{"type":"watch_ready","request_id":"req-001","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","ice_servers":[{"urls":"stun:stun.example.org:3478"}]}}',
  ],
  'down watch_ended': [
    '{"type":"watch_ended","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","reason":"user_ended"}}',
    '{"type":"watch_ended","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","reason":"device_disconnected"}}',
  ],
  'down signal_offer': [
    '{"type":"signal_offer","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","sdp":{"type":"offer","sdp":"v=0\\r\\no=- 123456789 2 IN IP4 127.0.0.1\\r\\n..."}}}',
  ],
  'down signal_answer': [
    '{"type":"signal_answer","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","sdp":{"type":"answer","sdp":"v=0\\r\\no=- 987654321 2 IN IP4 127.0.0.1\\r\\n..."}}}',
  ],
  'down signal_ice': [
    '{"type":"signal_ice","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","candidate":{"candidate":"candidate:1 1 UDP 2130706431 192.168.1.100 54321 typ host","sdpMid":"0","sdpMLineIndex":0}}}',
    '{"type":"signal_ice","ts":"2025-01-01T12:34:56.789Z","payload":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","candidate":null}}',
  ],
  'down device_presence': [
    '{"type":"device_presence","ts":"2025-01-01T12:34:56.789Z","payload":{"device_id":"01890a5d-ac96-774b-bcce-b302099a8057","presence":{"battery":85,"temperature":45,"recording":false}}}',
  ],
  'down error': [
    '{"type":"error","request_id":"req-001","ts":"2025-01-01T12:34:56.789Z","payload":{"message":"Device is offline"}}',
    '{"type":"error","ts":"2025-01-01T12:34:56.789Z","payload":{"message":"Unauthorized"}}',
  ],
};
