using Sisa.Fuzzing.Engine;

return args switch
{
    ["worker", var target, var executions, var seconds, var seed, var keep, var lastInput] => FuzzCommand.Work(target, executions, seconds, seed, keep, lastInput),
    ["measure", var target] => FuzzCommand.Measure(target),
    ["minimise-in-worker", var target] => FuzzCommand.MinimiseInWorker(target),
    _ => FuzzCommand.Run(args),
};
