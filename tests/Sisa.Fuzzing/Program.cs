using Sisa.Fuzzing.Engine;

return args switch
{
    ["worker", var target, var executions, var seconds, var seed, var keep, var recheck, var lastInput] => FuzzCommand.Work(target, executions, seconds, seed, keep, recheck, lastInput),
    ["measure", var target] => FuzzCommand.Measure(target),
    ["minimise-in-worker", var target] => FuzzCommand.MinimiseInWorker(target),
    _ => FuzzCommand.Run(args),
};
