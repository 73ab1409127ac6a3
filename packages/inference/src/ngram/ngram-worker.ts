import { completeFromContext, warmUp } from '@ghostline/ngram-model';
import { answerTasks } from '../threads/answer-tasks.ts';

// A thread of createNgramEndpoint().
warmUp();
answerTasks(completeFromContext);
