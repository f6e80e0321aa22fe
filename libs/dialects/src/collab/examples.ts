import type { Examples } from '../wire.js';

/** Made by `npm run docs` from conformance/transcripts/collab. Change those, not this. */
export const examples: Examples = {
  'up join_room': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e01","type":"join_room","version":1,"timestamp":1700000000000,"payload":{"roomId":"01890a5d-ac96-774b-bcce-b302099a8057"}}',
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e02","type":"join_room","version":1,"timestamp":1700000000000,"payload":{"roomId":"01890a5d-ac96-774b-bcce-b302099a8057"}}',
  ],
  'up leave_room': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e03","type":"leave_room","version":1,"timestamp":1700000000000,"acknowledgment":true,"payload":{"roomId":"01890a5d-ac96-774b-bcce-b302099a8057"}}',
  ],
  'up cursor_move': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e03","type":"cursor_move","version":1,"timestamp":1700000000000,"payload":{"x":120.5,"y":48,"viewportX":0,"viewportY":300,"timestamp":1700000000000}}',
  ],
  'up selection_change': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e04","type":"selection_change","version":1,"timestamp":1700000000000,"payload":{"ranges":[{"anchor":2,"head":7}],"color":"#ff6600"}}',
  ],
  'up operation': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e03","type":"operation","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"operation":[5," world"],"version":1}}',
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e04","type":"operation","version":1,"timestamp":1700000000000,"payload":{"operation":["Oh, "],"version":1}}',
  ],
  'up ping': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e01","type":"ping","version":1,"timestamp":1700000000000,"acknowledgment":true,"payload":{"timestamp":1700000000000}}',
  ],
  'up batch': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e02","type":"batch","version":1,"timestamp":1700000000000,"payload":{"messages":[{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e03","type":"operation","version":1,"timestamp":1700000000000,"payload":{"operation":["a"],"version":1}},{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e04","type":"operation","version":1,"timestamp":1700000000000,"payload":{"operation":["b"],"version":2}}],"compressed":false}}',
  ],
  'down connected': [
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"connected","version":1,"timestamp":1700000000000,"payload":{"connectionId":"01890a5d-ac96-774b-bcce-b302099a8057","userId":"01890a5d-ac96-774b-bcce-b302099a8057","serverTime":1700000000000,"protocol":1}}',
  ],
  'down room_joined': [
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"room_joined","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","participants":[{"userId":"01890a5d-ac96-774b-bcce-b302099a8057","numericId":7,"name":"name","color":"text","role":"owner","connectionId":"01890a5d-ac96-774b-bcce-b302099a8057"}],"documentState":{"type":"text","content":"hello","checksum":"text"},"version":1,"recovered":false}}',
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"room_joined","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","participants":[{"userId":"01890a5d-ac96-774b-bcce-b302099a8057","numericId":7,"name":"name","color":"text","role":"owner","connectionId":"01890a5d-ac96-774b-bcce-b302099a8057"},{"userId":"01890a5d-ac96-774b-bcce-b302099a8057","numericId":7,"name":"name","color":"text","role":"viewer","connectionId":"01890a5d-ac96-774b-bcce-b302099a8057"}],"documentState":{"type":"text","content":"hello","checksum":"text"},"version":1,"recovered":false}}',
  ],
  'down presence_update': [
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"presence_update","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"userId":"01890a5d-ac96-774b-bcce-b302099a8057","presence":{"status":"online","connectionId":"01890a5d-ac96-774b-bcce-b302099a8057","numericId":7,"name":"name","color":"text","role":"viewer"},"timestamp":1700000000000}}',
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"presence_update","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"userId":"01890a5d-ac96-774b-bcce-b302099a8057","presence":{"connectionId":"01890a5d-ac96-774b-bcce-b302099a8057","numericId":7,"cursor":{"x":120.5,"y":48,"viewportX":0,"viewportY":300,"timestamp":1700000000000}},"timestamp":1700000000000}}',
  ],
  'down operation_broadcast': [
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e03","type":"operation_broadcast","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"operation":[5," world"],"userId":"01890a5d-ac96-774b-bcce-b302099a8057","version":1,"transformedVersion":2}}',
    '{"id":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e04","type":"operation_broadcast","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"operation":["Oh, "],"userId":"01890a5d-ac96-774b-bcce-b302099a8057","version":1,"transformedVersion":3}}',
  ],
  'down ack': [
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"ack","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"messageId":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e03","version":2}}',
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"ack","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"messageId":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e04","version":3}}',
  ],
  'down error': [
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"error","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"code":3002,"message":"text","details":{"messageId":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e03","currentVersion":1},"recoverable":true}}',
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"error","version":1,"timestamp":1700000000000,"roomId":"01890a5d-ac96-774b-bcce-b302099a8057","payload":{"code":2003,"message":"text","details":{"messageId":"3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e04"},"recoverable":false}}',
  ],
  'down pong': [
    '{"id":"01890a5d-ac96-774b-bcce-b302099a8057","type":"pong","version":1,"timestamp":1700000000000,"payload":{"timestamp":1700000000000,"serverTime":1700000000000}}',
  ],
};
