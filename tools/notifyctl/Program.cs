using Notify.Ctl.CommandLine;

return await NotifyCtl.RunAsync(args, CtlEnvironment.OfProcess(), CancellationToken.None);
