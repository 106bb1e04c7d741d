"""Calls on a mounted volume, each with the answer of a local file system. Run as root."""
import os,errno,stat,ctypes,time,subprocess,sys,fcntl,signal,mmap,socket
os.umask(0o022)
d=sys.argv[1]+'/px'; subprocess.run(['rm','-rf',d]); os.mkdir(d); os.chdir(d); os.chmod(d,0o777)
ok=0
def chk(n,c):
    global ok
    if c: ok+=1
    else: print('FAIL',n)
def err(f,*a):
    try: f(*a); return 0
    except OSError as e: return e.errno
def as_user(f,uid=1000,gid=1000):
    r,w=os.pipe(); p=os.fork()
    if p==0:
        os.setgroups([]); os.setgid(gid); os.setuid(uid)
        try: v=f()
        except OSError as e: v=-e.errno
        except Exception as e: v='X'+str(e)
        os.write(w,repr(v).encode()); os._exit(0)
    os.close(w); s=os.read(r,1000); os.close(r); os.waitpid(p,0); return eval(s)
libc=ctypes.CDLL(None,use_errno=True)
def renameat2(a,b,fl):
    if libc.renameat2(-100,a.encode(),-100,b.encode(),fl)!=0: raise OSError(ctypes.get_errno(),'')
def lnk(a,b):
    if libc.linkat(-100,a.encode(),-100,b.encode(),0x400)!=0: raise OSError(ctypes.get_errno(),'')
def w(n,s=b'x'): open(n,'wb').write(s)
w('f'); chk('mode',os.stat('f').st_mode&0o7777==0o644)
os.mkfifo('fifo'); chk('fifo',stat.S_ISFIFO(os.stat('fifo').st_mode))
os.mknod('c',0o600|stat.S_IFCHR,os.makedev(300,70000)); chk('chr',os.stat('c').st_rdev==os.makedev(300,70000)); 
os.mknod('null',0o666|stat.S_IFCHR,os.makedev(1,3)); w('null',b'zz')
s=socket.socket(socket.AF_UNIX); s.bind('sock'); chk('sock',stat.S_ISSOCK(os.stat('sock').st_mode))
chk('long',err(w,'n'*256)==errno.ENAMETOOLONG); w('n'*255); os.unlink('n'*255)
chk('longlink',err(os.symlink,'t'*4096,'L')==errno.ENAMETOOLONG); os.symlink('t'*4095,'L'); chk('rl',len(os.readlink('L'))==4095)
# setid clear
for how in ('write','trunc','ftrunc','falloc','dwrite','chown','chownroot','copy'):
    w('sid',b'x'*8192); os.chmod('sid',0o777); os.chown('sid',1000,1000); os.chmod('sid',0o6777)
    chk('sid set',os.stat('sid').st_mode&0o7777==0o6777)
    def go():
        if how=='write':
            fd=os.open('sid',os.O_WRONLY); os.write(fd,b'y')
        elif how=='dwrite':
            fd=os.open('sid',os.O_WRONLY|os.O_DIRECT); m=mmap.mmap(-1,4096); os.write(fd,m)
        elif how=='trunc': os.truncate('sid',3)
        elif how=='ftrunc': fd=os.open('sid',os.O_RDWR); os.ftruncate(fd,1)
        elif how=='falloc': fd=os.open('sid',os.O_RDWR); os.posix_fallocate(fd,0,100000)
        elif how=='chown': os.chown('sid',1000,1000)
        elif how=='copy':
            fd=os.open('sid',os.O_RDWR); return os.copy_file_range(fd,fd,100,0,5000)
        return 0
    if how=='chownroot': os.chown('sid',1001,1001); r=0
    else: r=as_user(go)
    chk('sid clear '+how+' '+oct(os.stat('sid').st_mode)+repr(r),os.stat('sid').st_mode&0o6000==0)
# sgid kept for root write
os.chmod('sid',0o6777); fd=os.open('sid',os.O_WRONLY); os.write(fd,b'y'); os.close(fd); chk('root keeps',os.stat('sid').st_mode&0o6000==0o6000)
# sgid dir inherit
os.mkdir('sg'); os.chown('sg',0,1234); os.chmod('sg',0o2777); w('sg/a'); os.mkdir('sg/d'); chk('inh',os.stat('sg/a').st_gid==1234 and os.stat('sg/d').st_gid==1234 and os.stat('sg/d').st_mode&0o2000)
# sticky
os.mkdir('st'); os.chmod('st',0o1777); w('st/a'); chk('sticky',as_user(lambda: os.unlink('st/a'))==-errno.EPERM); chk('stickyren',as_user(lambda: os.rename('st/a','st/b'))==-errno.EPERM)
chk('perm', as_user(lambda: os.open('f',os.O_WRONLY))==-errno.EACCES)
# rename flags
w('r1',b'1');w('r2',b'2'); chk('norepl',err(renameat2,'r1','r2',1)==errno.EEXIST); renameat2('r1','r2',2); chk('exch',open('r1').read()=='2'); chk('whiteout',err(renameat2,'r1','r3',4)==errno.EINVAL)
os.mkdir('dd'); os.mkdir('dd/e'); chk('intoself',err(os.rename,'dd','dd/e/x')==errno.EINVAL); w('dd/e/f'); os.mkdir('de'); chk('notempty',err(os.rename,'de','dd') in (errno.ENOTEMPTY,errno.EEXIST)); chk('isdir',err(os.rename,'f','dd')==errno.EISDIR); chk('notdir',err(os.rename,'dd','f')==errno.ENOTDIR)
n0=os.stat('.').st_nlink; os.mkdir('nl'); chk('nlink',os.stat('.').st_nlink==n0+1); os.rename('nl','dd/nl'); chk('nlink2',os.stat('.').st_nlink==n0 and os.stat('dd').st_nlink==4); os.rmdir('dd/nl'); chk('nlink3',os.stat('dd').st_nlink==3)
chk('rmdirne',err(os.rmdir,'dd')==errno.ENOTEMPTY); chk('unlinkdir',err(os.unlink,'dd') in (errno.EISDIR,errno.EPERM)); chk('linkdir',err(os.link,'dd','dd2')==errno.EPERM)
# open-unlinked
fd=os.open('ou',os.O_RDWR|os.O_CREAT); os.write(fd,b'abc'*1000); os.unlink('ou'); chk('ou nlink',os.fstat(fd).st_nlink==0); chk('ou read',os.pread(fd,3000,0)==b'abc'*1000); os.ftruncate(fd,5); chk('ou size',os.fstat(fd).st_size==5); os.fchmod(fd,0o600); os.close(fd)
# tmpfile
fd=os.open('.',os.O_TMPFILE|os.O_RDWR,0o644); os.write(fd,b'tmp'); chk('tmp nlink',os.fstat(fd).st_nlink==0); lnk('/proc/self/fd/%d'%fd,'linked'); chk('tmp linked',open('linked').read()=='tmp' and os.fstat(fd).st_nlink==1); os.close(fd)
fd=os.open('.',os.O_TMPFILE|os.O_RDWR|os.O_EXCL,0o644); chk('tmp excl',err(lambda: lnk('/proc/self/fd/%d'%fd,'linked2'))==errno.ENOENT); os.close(fd)
# times
os.utime('f',ns=(1,2)); s=os.stat('f'); chk('times',s.st_atime_ns==1 and s.st_mtime_ns==2); os.utime('f',ns=(-5_000_000_001,-1)); s=os.stat('f'); chk('neg',s.st_atime_ns==-5_000_000_001 and s.st_mtime_ns==-1)
os.utime('f',(2**33,2**33)); chk('2242',os.stat('f').st_mtime==2**33)
c=os.stat('f').st_ctime_ns; os.chmod('f',0o600); chk('ctime chmod',os.stat('f').st_ctime_ns>c); c=os.stat('f').st_ctime_ns; os.link('f','fl'); chk('ctime link',os.stat('f').st_ctime_ns>c); c=os.stat('f').st_ctime_ns; os.unlink('fl'); chk('ctime unlink',os.stat('f').st_ctime_ns>c); c=os.stat('f').st_ctime_ns; os.rename('f','f9'); chk('ctime rename',os.stat('f9').st_ctime_ns>c); os.rename('f9','f')
m=os.stat('.').st_mtime_ns; w('q'); chk('dir mtime',os.stat('.').st_mtime_ns>m); m=os.stat('q').st_mtime_ns; open('q','ab').write(b'1'); chk('mtime write',os.stat('q').st_mtime_ns>m); m=os.stat('q').st_mtime_ns; os.truncate('q',0); chk('mtime trunc',os.stat('q').st_mtime_ns>m)
w('q',b'abc'); m=os.stat('q').st_mtime_ns; open('q','wb').close(); chk('O_TRUNC mtime',os.stat('q').st_mtime_ns>m and os.stat('q').st_size==0)
m=os.stat('q').st_mtime_ns; time.sleep(.01); open('q','wb').close(); chk('O_TRUNC0 mtime',os.stat('q').st_mtime_ns>m)
chk('utime perm',as_user(lambda: os.utime('q'))==-errno.EACCES)
# xattr
os.setxattr('q','user.a',b'v'); chk('xa',os.getxattr('q','user.a')==b'v' and os.listxattr('q')==['user.a']); chk('xa c',err(os.setxattr,'q','user.a',b'v',os.XATTR_CREATE)==errno.EEXIST); chk('xa r',err(os.setxattr,'q','user.b',b'v',os.XATTR_REPLACE)==errno.ENODATA); os.setxattr('q','user.e',b''); chk('xa e',os.getxattr('q','user.e')==b''); os.removexattr('q','user.a'); chk('xa rm',err(os.getxattr,'q','user.a')==errno.ENODATA); os.setxattr('q','trusted.x',b'1'); os.chmod('q',0o666); chk('trusted hidden',as_user(lambda: os.listxattr('q'))==['user.e']); chk('xa sys',err(os.setxattr,'q','system.foo',b'1')==errno.EOPNOTSUPP)
e=err(os.setxattr,'q','user.big',b'v'*65536); chk('xattr too large for the volume',e==errno.ENOSPC); e=err(os.setxattr,'q','user.big',b'v'*65537); chk('E2BIG',e==errno.E2BIG)
# seek, holes
fd=os.open('h',os.O_RDWR|os.O_CREAT); os.pwrite(fd,b'x',1<<20); chk('hole',os.lseek(fd,0,os.SEEK_DATA)==1<<20 and os.lseek(fd,0,os.SEEK_HOLE)==0 and os.lseek(fd,1<<20,os.SEEK_HOLE)==(1<<20)+1); chk('enxio',err(os.lseek,fd,1<<21,os.SEEK_DATA)==errno.ENXIO); chk('blocks',os.fstat(fd).st_blocks==8)
chk('efbig',err(os.ftruncate,fd,1<<62)==errno.EFBIG); chk('efbig w',err(os.pwrite,fd,b'x',1<<60)==errno.EFBIG); chk('read far',os.pread(fd,10,1<<62)==b'')
libc.fallocate.argtypes=[ctypes.c_int,ctypes.c_int,ctypes.c_long,ctypes.c_long]
def fa(m,o,l):
    if libc.fallocate(fd,m,o,l)!=0: raise OSError(ctypes.get_errno(),'')
fa(0,0,8192); chk('fa',os.fstat(fd).st_blocks==24); fa(1,2<<20,4096); chk('fa keep',os.fstat(fd).st_size==(1<<20)+1); fa(3,1<<20,4096); chk('punch',os.pread(fd,1,1<<20)==b'\0'); fa(16,0,100); chk('collapse',err(fa,8,0,4096)==errno.EOPNOTSUPP)
os.pwrite(fd,b'A'*10000,0); fa(16,5000,3000); chk('zr',os.pread(fd,10000,0)==b'A'*5000+b'\0'*3000+b'A'*2000)
b=open('h2','wb'); chk('cfr',os.copy_file_range(fd,b.fileno(),10000,0,0)==10000); b.close(); chk('cfr d',open('h2','rb').read()==b'A'*5000+b'\0'*3000+b'A'*2000)
# mmap
mm=mmap.mmap(fd,8192); mm[0:5]=b'hello'; mm.flush(); chk('mmap',os.pread(fd,5,0)==b'hello'); mm.close(); os.close(fd)
try: libc.mmap.restype=ctypes.c_void_p; fd=os.open('h',os.O_RDWR); r=libc.mmap(None,4096,3,0x80003,fd,0); chk('MAP_SYNC refused',ctypes.c_long(r).value==-1 and ctypes.get_errno()==errno.EOPNOTSUPP)
except Exception as e: print(e)
# append from several processes
w('ap',b'')
ps=[]
for k in range(4):
    p=os.fork()
    if p==0:
        fd=os.open('ap',os.O_WRONLY|os.O_APPEND)
        for i in range(500): os.write(fd,b'%d%07d\n'%(k,i))
        os._exit(0)
    ps.append(p)
for p in ps: os.waitpid(p,0)
L=open('ap','rb').read().split(b'\n')[:-1]; chk('append',len(L)==2000 and all(len(x)==8 for x in L))
# locks with signal
fd=os.open('lk',os.O_RDWR|os.O_CREAT); fcntl.lockf(fd,fcntl.LOCK_EX)
r,wp=os.pipe(); p=os.fork()
if p==0:
    class A(Exception): pass
    def h(*a): raise A()
    signal.signal(signal.SIGALRM,h); signal.setitimer(signal.ITIMER_REAL,.2)
    f2=os.open('lk',os.O_RDWR)
    try: fcntl.lockf(f2,fcntl.LOCK_EX); os.write(wp,b'got')
    except A: os.write(wp,b'sig')
    os._exit(0)
chk('lock signal',os.read(r,10)==b'sig'); os.waitpid(p,0)
# readdir stability
os.mkdir('rd'); 
for i in range(3000): w('rd/f%d'%i,b'')
libc.opendir.restype=ctypes.c_void_p; 
seen=set(); it=os.scandir('rd'); n=0
for e in it:
    assert e.name not in seen; seen.add(e.name); n+=1
    if n%10==0: os.unlink('rd/'+e.name)
    if n%7==0 and n<3000: w('rd/new%d'%n,b'')
chk('readdir all',all('f%d'%i in seen for i in range(3000)))
subprocess.run(['rm','-rf','rd']); chk('rmrf',not os.path.exists('rd'))
# O_DIRECT
fd=os.open('od',os.O_RDWR|os.O_CREAT|os.O_DIRECT); m=mmap.mmap(-1,1<<20); m[:]=b'Q'*(1<<20); chk('odw',os.write(fd,m)==1<<20); m2=mmap.mmap(-1,1<<20); os.lseek(fd,0,0); chk('odr',os.readv(fd,[m2])==1<<20 and m2[:]==m[:]); os.close(fd)
# cwd removed
os.mkdir('gone'); p=os.fork()
if p==0:
    os.chdir('gone'); os.rmdir('../gone')
    e=(err(w,'x')==errno.ENOENT, err(os.mkdir,'y')==errno.ENOENT, os.listdir('.') if False else True, os.stat('.').st_nlink==0)
    if not all(e): print('FAIL gone',e); sys.stdout.flush()
    os._exit(0)
os.waitpid(p,0)
chk('bad utf8',err(os.mkdir,b'\xff\xfe')==errno.EILSEQ)
chk('excl',err(os.open,'f',os.O_CREAT|os.O_EXCL)==errno.EEXIST); chk('symloop',(os.symlink('lp','lp'),err(os.open,'lp',0))[1]==errno.ELOOP); chk('dirw',err(os.open,'dd',os.O_WRONLY)==errno.EISDIR); chk('trail',err(os.open,'f/x',0)==errno.ENOTDIR)
st=os.statvfs('.'); chk('statvfs',st.f_bsize==4096 and st.f_namemax==255)
print('passed',ok)
