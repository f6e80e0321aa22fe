import type { Examples } from '../wire.js';

/** Made by `npm run docs` from conformance/transcripts/topics. Change those, not this. */
export const examples: Examples = {
  'up Ping': ['{"type":"Ping","data":{"timestamp":1234567890}}'],
  'up Subscribe': [
    '{"type":"Subscribe","data":{"topics":["notifications","chat.general","updates.*"]}}',
    '{"type":"Subscribe","data":{"topics":["chat.01890a5d-ac96-774b-bcce-b302099a8057"]}}',
  ],
  'up Unsubscribe': ['{"type":"Unsubscribe","data":{"topics":["chat.general"]}}'],
  'up Broadcast': [
    '{"type":"Broadcast","data":{"topic":"chat.01890a5d-ac96-774b-bcce-b302099a8057","payload":{"message":"Hello everyone!","sender":"user123","metadata":{"mood":"happy"}}},"id":"msg_123456"}',
    '{"type":"Broadcast","data":{"topic":"chat.01890a5d-ac96-774b-bcce-b302099a8057","payload":"with metadata"},"metadata":{"priority":"high","ttl":3600,"encryption":"aes256","compression":"gzip"}}',
  ],
  'up DirectMessage': [
    '{"type":"DirectMessage","data":{"target_user":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"message":"Private message","attachments":[]}},"id":"dm_789012"}',
  ],
  'up Presence': ['{"type":"Presence","data":{"status":"online","metadata":{"device":"web","location":"New York"}}}'],
  'up Extension': ['{"type":"X-CustomAction","data":{"action":"special_operation","parameters":{}}}'],
  'down Connected': [
    '{"type":"Status","data":{"status":"connected","details":{"connection_id":"01890a5d-ac96-774b-bcce-b302099a8057","server_time":1700000000000,"protocol_version":"1.0","features":["broadcast","direct_message","presence","history"]}}}',
  ],
  'down Subscribed': [
    '{"type":"Status","data":{"status":"subscribed","details":{"topics":["notifications","chat.general","updates.*"],"active_subscriptions":3}}}',
    '{"type":"Status","data":{"status":"subscribed","details":{"topics":["chat.01890a5d-ac96-774b-bcce-b302099a8057"],"active_subscriptions":1}}}',
  ],
  'down Unsubscribed': [
    '{"type":"Status","data":{"status":"unsubscribed","details":{"topics":["chat.general"],"active_subscriptions":2}}}',
  ],
  'down Ack': [
    '{"type":"Ack","data":{"message_id":"msg_123456","status":"delivered","recipients":1}}',
    '{"type":"Ack","data":{"message_id":"dm_789012","status":"delivered","delivered_to":["01890a5d-ac96-774b-bcce-b302099a8057"]}}',
  ],
  'down Error': [
    '{"type":"Error","data":{"code":404,"message":"User 01890a5d-ac96-774b-bcce-b302099a8057 not found or not connected","details":{"message_id":"dm_789012","queued":true}}}',
    '{"type":"Error","data":{"code":400,"message":"text","details":{"field":"data.topic","message_id":"msg_1"}}}',
  ],
  'down Pong': ['{"type":"Pong","data":{"timestamp":1234567890}}'],
  'down Broadcast': [
    '{"type":"Broadcast","data":{"topic":"chat.01890a5d-ac96-774b-bcce-b302099a8057","payload":{"message":"Hello everyone!","sender":"user123","metadata":{"mood":"happy"}},"metadata":{"sent_at":1700000000000,"message_id":"text","sequence":7}}}',
    '{"type":"Broadcast","data":{"topic":"chat.01890a5d-ac96-774b-bcce-b302099a8057","payload":"with metadata","metadata":{"priority":"high","ttl":3600,"encryption":"aes256","compression":"gzip","sent_at":1700000000000,"message_id":"text","sequence":7}}}',
  ],
  'down DirectMessage': [
    '{"type":"DirectMessage","data":{"from_user":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"message":"Private message","attachments":[]},"metadata":{"sent_at":1700000000000,"message_id":"text"}}}',
  ],
  'down Notification': [
    '{"type":"Notification","data":{"level":"info","title":"Maintenance Notice","message":"System will undergo maintenance in 1 hour","actions":[{"label":"Learn More","url":"https://status.example.com"}]}}',
  ],
  'down Presence': [
    '{"type":"Presence","data":{"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","status":"online","last_seen":1700000000000,"metadata":{}}}',
    '{"type":"Presence","data":{"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","status":"online","last_seen":1700000000000,"metadata":{"device":"web","location":"New York"}}}',
  ],
  'down AuthStatus': [
    '{"type":"AuthStatus","data":{"status":"token_expiring","expires_at":1700000000000,"refresh_required":true}}',
  ],
  'down BinaryReceived': [
    '{"type":"Status","data":{"status":"binary_received","details":{"size":1024,"type":"file_transfer","checksum":"sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"}}}',
  ],
};
