import { completeFromContext, warmUp } from '@ghostline/ngram-model';
import { answerTasks } from './answer-tasks.ts';

// A thread of createNgramEndpoint().
warmUp();
answerTasks(completeFromContext);
