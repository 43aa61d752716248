"""Makes the files of this folder with the programs that people make such files with.

    pip install openpyxl reportlab warcio; npm install single-file-cli; apt-get install chromium libreoffice zip
    python make.py

Names, places and events are invented.
"""
import base64, email.utils, http.client, io, json, mailbox, os, shutil, socket, struct, subprocess, tarfile, threading, time
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARTICLES = [
    ("가람시, 걷는 다리 놓는다", "김하나", "2024-02-22T10:31:00+09:00", [
        "가람시가 강을 건너는 새 다리를 놓기로 했다고 22일 밝혔다. 다리는 길이 420m로 걷는 사람과 자전거만 다닌다. 공사는 내년 봄에 시작해 두 해 동안 이어진다.",
        "시는 주민 설명회를 세 차례 열어 의견을 들었다. 상인들은 손님이 늘 것으로 기대했고, 강가에 사는 이들은 공사 소음을 걱정했다. 시 관계자는 “밤에는 공사를 하지 않겠다”고 말했다.",
        "다리가 놓이면 두 동네를 오가는 시간이 절반으로 준다. 시는 다리 양쪽에 작은 공원을 만들고 나무 300그루를 심을 계획이다."]),
    ("나래구 도서관, 밤 10시까지 문 연다", "이두리", "2024-03-05T09:00:00+09:00", [
        "나래구 구립도서관 네 곳이 다음 달부터 평일 밤 10시까지 문을 연다. 퇴근한 뒤에 책을 빌리기 어렵다는 주민 의견을 받아들였다고 구는 설명했다.",
        "늦은 시간에는 사서 두 명과 안전 요원 한 명이 자리를 지킨다. 열람실은 예약 없이 쓸 수 있고 아이와 함께 온 보호자를 위한 방도 따로 둔다.",
        "구는 석 달 동안 이용하는 사람 수를 보고 다른 도서관으로 넓힐지 정한다."]),
]

def page(n, charset="utf-8"):
    headline, reporter, published, paragraphs = ARTICLES[n]
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (f'<!DOCTYPE html><html lang="ko"><head><meta charset="{charset}"><title>{headline} - 한빛신문</title>'
            f'<meta property="og:site_name" content="한빛신문"><meta property="og:title" content="{headline}">'
            f'<meta property="article:published_time" content="{published}"><meta name="author" content="{reporter} 기자">'
            '<style>body{font:16px "Noto Sans CJK KR",sans-serif;max-width:36em}h1{font-size:32px}</style></head>'
            '<body><nav><a href="/">홈</a> <a href="/society">사회</a></nav>'
            f'<article><h1>{headline}</h1><div class="byline">{reporter} 기자 | 입력 {published[:10].replace("-", ".")}</div>{text}</article>'
            '<footer>Copyright ⓒ 한빛신문. 무단 전재 및 재배포 금지</footer></body></html>').encode(charset, "xmlcharrefreplace")

class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        found = {"/articles/1": 0, "/articles/2": 1}.get(self.path)
        body = page(found) if found is not None else b"none"
        self.send_response(200 if found is not None else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = ThreadingHTTPServer(("127.0.0.1", 8642), Pages)
threading.Thread(target=server.serve_forever, daemon=True).start()
ADDRESS = "http://localhost:8642/articles/"
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu"]

# A browser's print to PDF.
subprocess.run(CHROMIUM + ["--print-to-pdf=chromium.pdf", ADDRESS + "1"], check=True, stderr=subprocess.DEVNULL)

# A browser's "save as a single file": MHTML, over the DevTools protocol.
browser = subprocess.Popen(CHROMIUM + ["--remote-debugging-port=9333", "--remote-allow-origins=*", ADDRESS + "1"], stderr=subprocess.DEVNULL)
for _ in range(50):
    time.sleep(0.3)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", 9333)
        connection.request("GET", "/json")
        tabs = [t for t in json.load(connection.getresponse()) if t["url"].endswith("/articles/1")]
        if tabs: break
    except OSError: pass
time.sleep(1)
path = tabs[0]["webSocketDebuggerUrl"].split("9333", 1)[1]
ws = socket.create_connection(("127.0.0.1", 9333))
ws.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:9333\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
while not (head := ws.recv(65536)).endswith(b"\r\n\r\n"): pass
command = json.dumps({"id": 1, "method": "Page.captureSnapshot", "params": {"format": "mhtml"}}).encode()
ws.sendall(bytes([0x81, 0x80 | len(command)]) + b"\0\0\0\0" + command)
reader = ws.makefile("rb")
message = b""
while True:
    first, second = reader.read(2)
    size = second & 127
    if size == 126: size = struct.unpack(">H", reader.read(2))[0]
    elif size == 127: size = struct.unpack(">Q", reader.read(8))[0]
    message += reader.read(size)
    if first & 128: break
open("chromium.mhtml", "w", newline="").write(json.loads(message)["result"]["data"])
browser.terminate()

# SingleFile.
if os.path.exists("node_modules/.bin/single-file"):
    subprocess.run(["node_modules/.bin/single-file", "--browser-executable-path", shutil.which("chromium"), "--browser-arg=--no-sandbox", ADDRESS + "2", "singlefile.html"], check=True)

# A crawl.
from warcio.capture_http import capture_http
import requests
with capture_http("warcio.warc.gz"):
    for n in "123": requests.get(ADDRESS + n)

# Mail.
def mail(n):
    headline, reporter, published, paragraphs = ARTICLES[n]
    m = EmailMessage()
    m["From"], m["To"] = "알리미 <news@hanbit.example>", "받는이 <me@example.com>"
    m["Subject"] = "Fwd: " + headline
    m["Date"] = email.utils.format_datetime(__import__("datetime").datetime.fromisoformat(published))
    m["Message-ID"] = f"<{n}@hanbit.example>"
    m.set_content("\n\n".join(paragraphs))
    m.add_alternative(page(n).decode(), subtype="html")
    return m
open("python.eml", "wb").write(bytes(mail(0)))
box = mailbox.mbox("python.mbox")
for n in (0, 1): box.add(mail(n))
box.flush(); box.close()

# Archives: names in Korean, one page in EUC-KR.
os.makedirs("한빛신문/2024-02-22", exist_ok=True)
open("한빛신문/2024-02-22/다리.html", "wb").write(page(0, "euc-kr"))
open("한빛신문/도서관.html", "wb").write(page(1))
for name in ("info-zip.zip", "gnu-tar.tar.gz"):
    if os.path.exists(name): os.remove(name)
subprocess.run(["zip", "-qr", "info-zip.zip", "한빛신문"], check=True)
subprocess.run(["tar", "czf", "gnu-tar.tar.gz", "한빛신문"], check=True)
shutil.rmtree("한빛신문")

# A workbook.
import openpyxl, datetime
book = openpyxl.Workbook()
sheet = book.active
sheet.append(["제목", "언론사", "기자", "날짜", "본문", "링크"])
for n, (headline, reporter, published, paragraphs) in enumerate(ARTICLES):
    sheet.append([headline, "한빛신문", reporter + " 기자", datetime.datetime.fromisoformat(published).replace(tzinfo=None), "\n".join(paragraphs), f"https://hanbit.example/articles/{n + 1}"])
book.save("openpyxl.xlsx")

# LibreOffice: a page printed by Writer, a table saved by Calc.
import csv
open("libreoffice.html", "wb").write(page(0))
with open("libreoffice.csv", "w", newline="", encoding="utf-8") as table:
    rows = csv.writer(table)
    rows.writerow(["제목", "언론사", "기자", "날짜", "본문", "링크"])
    for n, (headline, reporter, published, paragraphs) in enumerate(ARTICLES):
        rows.writerow([headline, "한빛신문", reporter + " 기자", published[:10], "\n".join(paragraphs), f"https://hanbit.example/articles/{n + 1}"])
subprocess.run(["soffice", "--headless", "--convert-to", "pdf:writer_web_pdf_Export", "libreoffice.html"], check=True)
subprocess.run(["soffice", "--headless", "--infilter=CSV:44,34,76,1", "--convert-to", "xlsx", "libreoffice.csv"], check=True)
os.remove("libreoffice.html"); os.remove("libreoffice.csv")

# A PDF with fonts that are not in it: their characters are known by their collection only.
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen import canvas
from reportlab.lib import pdfencrypt
pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
body = ParagraphStyle("body", fontName="HYSMyeongJo-Medium", fontSize=10, leading=15, wordWrap="CJK")
large = ParagraphStyle("large", parent=body, fontSize=20, leading=26)
headline, reporter, published, paragraphs = ARTICLES[1]
story = [Paragraph("한빛신문 2024년 3월 5일 화요일", body), Spacer(1, 12), Paragraph(headline, large), Spacer(1, 12), Paragraph(f"{reporter} 기자", body), Spacer(1, 12)]
for text in paragraphs: story += [Paragraph(text, body), Spacer(1, 8)]
SimpleDocTemplate("reportlab.pdf", title=headline).build(story)
import PIL.Image
PIL.Image.new("L", (20, 30), 200).save("p.png")
scan = canvas.Canvas("scan.pdf"); scan.drawImage("p.png", 0, 0, 595, 842); scan.showPage(); scan.save(); os.remove("p.png")
locked = canvas.Canvas("locked.pdf", encrypt=pdfencrypt.StandardEncryption("geheim")); locked.drawString(100, 100, "x"); locked.showPage(); locked.save()
