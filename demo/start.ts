/**
 * `npm start`: the deployed code on embedded endpoints, with a clock that runs ahead. It plays a story, and exits 1
 * if it ends wrong.
 */
import { onStage } from './stage';
import { StoryError, tell } from './story';

// People start the demo with the Node that they have.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

onStage(tell).catch((error: unknown) => {
  console.error(error instanceof StoryError ? error.message : error);
  process.exitCode = 1;
});
