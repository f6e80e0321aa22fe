import type { Examples } from '../wire.js';

/** Made by `npm run docs` from conformance/transcripts/party. Change those, not this. */
export const examples: Examples = {
  'up join': [
    '{"type":"join","timestamp":1706889500000,"sessionId":"01890a5d-ac96-774b-bcce-b302099a8057","deviceInfo":{"id":"device-1","name":"Rishad\'s MacBook","type":"host"},"token":"host_token"}',
    '{"type":"join","timestamp":1706889600000,"sessionId":"01890a5d-ac96-774b-bcce-b302099a8057","deviceInfo":{"id":"device-456","name":"Rishad\'s iPhone","type":"client"}}',
  ],
  'up leave': ['{"type":"leave","timestamp":1706889700000,"reason":"User exited session"}'],
  'up heartbeat': ['{"type":"heartbeat","timestamp":1706889650000}'],
  'up ping': ['{"type":"ping","timestamp":1706889650000}', '{"type":"ping","timestamp":1}'],
  'up member_list': ['{"type":"member_list","timestamp":1}'],
  'up kick': ['{"type":"kick","timestamp":1706889750000,"memberId":"01890a5d-ac96-774b-bcce-b302099a8057"}'],
  'up close_session': ['{"type":"close_session","timestamp":1706889800000}'],
  'down welcome': [
    '{"type":"welcome","timestamp":1700000000000,"clientId":"01890a5d-ac96-774b-bcce-b302099a8057","sessionInfo":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","name":"Rishad\'s Party","hostId":"01890a5d-ac96-774b-bcce-b302099a8057"}}',
  ],
  'down member_list': [
    '{"type":"member_list","timestamp":1700000000000,"members":[{"id":"01890a5d-ac96-774b-bcce-b302099a8057","name":"Rishad\'s MacBook","isHost":true,"connectionStatus":"connected","joinedAt":1700000000000,"latency":7}]}',
    '{"type":"member_list","timestamp":1700000000000,"members":[{"id":"01890a5d-ac96-774b-bcce-b302099a8057","name":"Rishad\'s MacBook","isHost":true,"connectionStatus":"connected","joinedAt":1700000000000,"latency":7},{"id":"01890a5d-ac96-774b-bcce-b302099a8057","name":"Rishad\'s iPhone","isHost":false,"connectionStatus":"connected","joinedAt":1700000000000,"latency":7}]}',
  ],
  'down member_joined': [
    '{"type":"member_joined","timestamp":1700000000000,"member":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","name":"Rishad\'s iPhone","isHost":false,"connectionStatus":"connected","joinedAt":1700000000000,"latency":7}}',
  ],
  'down member_left': [
    '{"type":"member_left","timestamp":1700000000000,"memberId":"01890a5d-ac96-774b-bcce-b302099a8057","reason":"left"}',
    '{"type":"member_left","timestamp":1700000000000,"memberId":"01890a5d-ac96-774b-bcce-b302099a8057","reason":"kicked"}',
  ],
  'down kicked': ['{"type":"kicked","timestamp":1700000000000,"reason":"Host removed you from the session"}'],
  'down session_closed': ['{"type":"session_closed","timestamp":1700000000000,"reason":"Host ended the session"}'],
  'down pong': ['{"type":"pong","timestamp":1706889650000}'],
  'down error': [
    '{"type":"error","timestamp":1700000000000,"code":"session_full","message":"Session has reached maximum capacity (1 members)","details":{"maxMembers":1,"currentMembers":1}}',
    '{"type":"error","timestamp":1700000000000,"code":"unauthorized","message":"text"}',
  ],
};
