import { connectBus } from '@parley/bus';
import { Type } from '@sinclair/typebox';

const bus = await connectBus({ servers: process.env.PARLEY_NATS_URL, name: 'dice', logger: console });

bus.serveExtension('X-RollDice', Type.Object({ sides: Type.Integer({ minimum: 2, maximum: 100 }) }), async ({ sides }, { userId }) => {
  return { userId, rolled: 1 + Math.floor(Math.random() * sides) };
});
