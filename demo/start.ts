/**
 * `npm start`: the deployed code on local endpoints, with a clock that runs ahead. Prints the story of the demo, and
 * exits 1 if something in it is not as expected.
 */
import { painter, wantsColour } from '../cli/colour';
import { newScreen } from './screen';
import { withStage } from './stage';
import { INTRODUCTION, StoryError, playStory } from './story';
import type { StoryEvent } from './story';

// Users start the demo with the Node that they have.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const isTerminal = process.stdout.isTTY;
const screen = newScreen(painter(wantsColour({ flag: true, environment: process.env, isTerminal })));

const show = (event: StoryEvent): void => console.log(screen(event).join('\n'));

// The function is built first, which takes some seconds.
show(INTRODUCTION);
withStage(async (stage) => {
  for await (const event of playStory(stage)) {
    show(event);
    if (event.kind === 'end' && !event.asExpected) process.exitCode = 1;
  }
}).catch((error: unknown) => {
  console.error(error instanceof StoryError ? error.message : error);
  process.exitCode = 1;
});
