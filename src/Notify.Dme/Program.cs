using Notify.Dme;
using Notify.Hosting;

return await NodeHost.RunAsync(new DmeProgram(), args);
