BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE alerts (
	id INTEGER NOT NULL, 
	ledger_seq INTEGER NOT NULL, 
	channel VARCHAR NOT NULL, 
	rules JSON NOT NULL, 
	delivery_id VARCHAR(36), 
	CONSTRAINT pk_alerts PRIMARY KEY (id), 
	CONSTRAINT fk_alerts_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id), 
	CONSTRAINT fk_alerts_ledger_seq FOREIGN KEY(ledger_seq) REFERENCES ledger (seq), 
	CONSTRAINT uq_alerts_ledger_seq_channel UNIQUE (ledger_seq, channel)
);
INSERT INTO "alerts" VALUES(1,2,'desk','["all"]',NULL);
CREATE TABLE articles (
	id INTEGER NOT NULL, 
	url VARCHAR NOT NULL, 
	source_id INTEGER NOT NULL, 
	host_id INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	paused BOOLEAN NOT NULL, 
	found_at DATETIME NOT NULL, 
	next_check_at DATETIME NOT NULL, 
	last_check_at DATETIME, 
	last_seen_at DATETIME, 
	last_change_at DATETIME, 
	etag VARCHAR, 
	last_modified VARCHAR, 
	troubles INTEGER NOT NULL, 
	doubts INTEGER NOT NULL, 
	absences INTEGER NOT NULL, 
	headline TEXT, 
	revisions INTEGER NOT NULL, 
	checks INTEGER NOT NULL, 
	CONSTRAINT pk_articles PRIMARY KEY (id), 
	CONSTRAINT fk_articles_host_id FOREIGN KEY(host_id) REFERENCES hosts (id), 
	CONSTRAINT fk_articles_source_id FOREIGN KEY(source_id) REFERENCES sources (id), 
	CONSTRAINT uq_articles_url UNIQUE (url)
);
INSERT INTO "articles" VALUES(1,'https://gazette.example/bridge',1,1,'removed',0,'2026-03-01 12:00:00.000000','2026-03-01 12:15:00.000000','2026-03-01 12:10:00.000000','2026-03-01 12:05:00.000000','2026-03-01 12:05:00.000000',NULL,NULL,0,0,0,'Council votes on the bridge',2,3);
INSERT INTO "articles" VALUES(2,'https://gazette.example/tunnel',1,1,'watched',0,'2026-03-01 12:00:00.000000','2026-03-01 12:06:00.000000','2026-03-01 12:01:00.000000','2026-03-01 12:01:00.000000',NULL,NULL,NULL,0,0,0,'Council votes on the bridge',1,1);
CREATE TABLE bodies (
	digest VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	codec VARCHAR NOT NULL, 
	data BLOB NOT NULL, 
	CONSTRAINT pk_bodies PRIMARY KEY (digest)
);
INSERT INTO "bodies" VALUES('8454f8f6a627398ff88dd131300df5b0e6a4d0140c940a677abb21439c1ea2f3',10,'zlib',X'789CB329B0CBCF4BB5D12FB0030012730346');
INSERT INTO "bodies" VALUES('6c6be1f167043600a8e0c479bf6f0c8a2475d816e96fa93b4a6ff570719ee981',432,'zlib',X'789C7590C16A023110865F25CC59DD5DA5A5E466FB06C5534564CC8E49604C9664B6DA96BE7B6751A4871672F987FF4BBEC9171C3E382602BB85F5C2BCD2908B5081193CFF4ABB19384C394587BC1F0B8385203254DB341E3F49841674C1D3C0D41C4AEC3D294F1729E824172D0FE8A9E9741808FBEB73F092C7E4229BF72C544D4E4602993BCD98FCA8941629693EE53E1E23F57B141D2DDBE5E3BC5DCDDB6ED375F6E1C9AEDA372DA52CD151D55DB6E07229E424E6895E9B84273267ACE65C72F20BD8E94A0316F405877025EE51818DBAB8FF058DE85FF820B77B1863027B44AEA4693C70ACE16FD5B6D533A9D69B9B4D23B346C1D41F63A913B236AC8EE6F6C20CCE21335D9BDF3F17968E27');
INSERT INTO "bodies" VALUES('308db7d342001d3a1cf3bd93694330e5875a5fd1536ad64f67b3de6fbfb717da',33,'zlib',X'789C0BC9485548CE2FCD4BCECC5128CB2F494D5148CB2F5228018A261565A6A4A7EA0100CD8C0BF4');
INSERT INTO "bodies" VALUES('eb3b00d33ee2fa3012ef4f71025d82470e3cd1ca878a39787de3d98da542848e',425,'zlib',X'789C6D8FCB6A03310C457FC5789DCC23A1A57897F60F4A560D21683C1ADBE0C883AD69D296FE7B354C085914BCB9E21EF9E847775F31106A73D0BB4ABDE3983263D62BFDFA908E2B6D8112050BF134E5A88DF6CC633175EDE01B99B1C22B9CC788759743EF5078BC7206CB294B790487752B438FD02FDFE9B734910D517D26C6A21229F6A8EE74047293505244927C4E7D1802F62760196D9ACDF3BAD9AE9B76DFB6E6E9C56C9B0F2951E260B1C82D076D53CE6839A499DE298233AA0B1475C9895CA58F72D208195C86D12FC43D0AB01717FB20D8AB21E507C3DB820881B41920169434753114FFBF63D3C89B1DCB4DCAD014A34406EA8790CB8CEC54143945C179AEA47BF129E2D2FCFD03FDE48B65');
INSERT INTO "bodies" VALUES('18b01ce4d04693b2029bca7db07b0c25a52141f2a5ddd50d3f2d1acface4efb6',11,'zlib',X'789CB329B04BCFCF4BB5D12FB00300169603AD');
INSERT INTO "bodies" VALUES('95482e1757145624cdab7d9446ad00bd9714f0d1531dad96215cf1491369285a',10,'zlib',X'789CB329B02B29CFB7D12FB0030012FE035E');
CREATE TABLE checks (
	seq INTEGER NOT NULL, 
	id VARCHAR(32) NOT NULL, 
	article_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	result VARCHAR NOT NULL, 
	verdict VARCHAR, 
	status INTEGER, 
	error VARCHAR, 
	detail TEXT, 
	reasons JSON NOT NULL, 
	ms FLOAT NOT NULL, 
	digest VARCHAR(64), 
	revision INTEGER, 
	CONSTRAINT pk_checks PRIMARY KEY (seq), 
	CONSTRAINT fk_checks_article_id FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT uq_checks_id UNIQUE (id)
);
INSERT INTO "checks" VALUES(1,'firste/bridge',1,'2026-03-01 12:00:00.000000','first','article',200,NULL,NULL,'["a", "b"]',12.5,NULL,1);
INSERT INTO "checks" VALUES(2,'changed2e/bridge',1,'2026-03-01 12:05:00.000000','changed','article',200,NULL,NULL,'["a", "b"]',12.5,NULL,2);
INSERT INTO "checks" VALUES(3,'removed10e/bridge',1,'2026-03-01 12:10:00.000000','withheld','article',200,NULL,NULL,'["a", "b"]',12.5,NULL,2);
INSERT INTO "checks" VALUES(4,'firste/tunnel',2,'2026-03-01 12:01:00.000000','first','article',200,NULL,NULL,'["a", "b"]',12.5,NULL,1);
CREATE TABLE deliveries (
	id VARCHAR(36) NOT NULL, 
	channel VARCHAR NOT NULL, 
	content JSON NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	next_try_at DATETIME NOT NULL, 
	claimed_until DATETIME, 
	delivered_at DATETIME, 
	error TEXT, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id)
);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	revision_id INTEGER, 
	at DATETIME NOT NULL, 
	not_seen_before DATETIME, 
	kind VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	old TEXT, 
	new TEXT, 
	place VARCHAR NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT fk_events_article_id FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT fk_events_revision_id FOREIGN KEY(revision_id) REFERENCES revisions (id)
);
INSERT INTO "events" VALUES(1,1,2,'2026-03-01 12:05:00.000000',NULL,'number_changed','substantive','20 people','31 people','paragraph 1');
INSERT INTO "events" VALUES(2,1,2,'2026-03-01 12:05:00.000000',NULL,'style_changed','cosmetic',NULL,NULL,'paragraph 1');
INSERT INTO "events" VALUES(3,1,NULL,'2026-03-01 12:10:00.000000','2026-03-01 12:05:00.000000','removed','critical','watched','the server answered 410','article');
CREATE TABLE hosts (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	next_visit_at DATETIME, 
	free_at DATETIME NOT NULL, 
	claimed_by VARCHAR, 
	claimed_until DATETIME, 
	robots TEXT, 
	robots_until DATETIME, 
	troubles INTEGER NOT NULL, 
	CONSTRAINT pk_hosts PRIMARY KEY (id), 
	CONSTRAINT uq_hosts_name UNIQUE (name)
);
INSERT INTO "hosts" VALUES(1,'gazette.example','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000',NULL,NULL,NULL,NULL,0);
CREATE TABLE ledger (
	seq INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	revision_id INTEGER, 
	event_id INTEGER, 
	digest VARCHAR(64) NOT NULL, 
	chain VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (seq), 
	CONSTRAINT fk_ledger_article_id FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT fk_ledger_event_id FOREIGN KEY(event_id) REFERENCES events (id), 
	CONSTRAINT fk_ledger_revision_id FOREIGN KEY(revision_id) REFERENCES revisions (id), 
	CONSTRAINT uq_ledger_event_id UNIQUE (event_id), 
	CONSTRAINT uq_ledger_revision_id UNIQUE (revision_id)
);
INSERT INTO "ledger" VALUES(1,1,1,NULL,'7078bead147f853e3c248f03913116550eacd7c281bbb772808eb416945960e1','41c7b2b52dec13c85246e64ca71e53d4a7951803d77c4a22bd1e4cbbd21ff16d');
INSERT INTO "ledger" VALUES(2,1,2,NULL,'a8731c2c84f4b0a5a8f2a3c64eae724b027c845d3abcdf34ec30428728ac4723','e901d405a155ba88e190b2b59f7c8c7d6e16feb3e93783c2e8fa887e8de94044');
INSERT INTO "ledger" VALUES(3,1,NULL,3,'8e5e09dcd54394d591f717981d74f875c0b2e2dc47aa1f63ef0b350075da1198','4a3aa492f080cd4fbbe9223de06b8e9fab5a36454eee1d9e966aabf9a1922a88');
INSERT INTO "ledger" VALUES(4,2,3,NULL,'37908bbad2fc2b125608b7018e55f7d59ea692e9e57f7659b7e9560dc725f394','b7d5752c69aaf872095a2db976ad04bad366160c1be00a9adb9078b7a560b1dd');
CREATE TABLE revisions (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	seen_at DATETIME NOT NULL, 
	not_seen_before DATETIME, 
	snapshot_id INTEGER, 
	extraction VARCHAR(64) NOT NULL, 
	extractor VARCHAR NOT NULL, 
	text_digest VARCHAR(64) NOT NULL, 
	headline TEXT, 
	severity VARCHAR, 
	notice_changed BOOLEAN NOT NULL, 
	modified_moved BOOLEAN, 
	silent BOOLEAN NOT NULL, 
	summary TEXT NOT NULL, 
	words_added INTEGER NOT NULL, 
	words_deleted INTEGER NOT NULL, 
	words_kept INTEGER NOT NULL, 
	CONSTRAINT pk_revisions PRIMARY KEY (id), 
	CONSTRAINT fk_revisions_article_id FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT fk_revisions_extraction FOREIGN KEY(extraction) REFERENCES bodies (digest), 
	CONSTRAINT fk_revisions_snapshot_id FOREIGN KEY(snapshot_id) REFERENCES snapshots (id), 
	CONSTRAINT uq_revisions_article_id_number UNIQUE (article_id, number)
);
INSERT INTO "revisions" VALUES(1,1,1,'first','2026-03-01 12:00:00.000000',NULL,1,'6c6be1f167043600a8e0c479bf6f0c8a2475d816e96fa93b4a6ff570719ee981','page/1','b9f9b4c7b8427e4a6cff592e98bfb7441f651da64cfac1e6c39a9a3376ca4825','Council votes on the bridge',NULL,0,NULL,0,'',0,0,0);
INSERT INTO "revisions" VALUES(2,1,2,'edit','2026-03-01 12:05:00.000000','2026-03-01 12:00:00.000000',2,'eb3b00d33ee2fa3012ef4f71025d82470e3cd1ca878a39787de3d98da542848e','page/1','4f6a58bc8621f1fa730d4e7390a82c6813d439902b25c656c6c85c9e07b57e42','Council votes on the bridge','substantive',0,NULL,1,'A number was changed.',3,2,40);
INSERT INTO "revisions" VALUES(3,2,1,'first','2026-03-01 12:01:00.000000',NULL,4,'6c6be1f167043600a8e0c479bf6f0c8a2475d816e96fa93b4a6ff570719ee981','page/1','b9f9b4c7b8427e4a6cff592e98bfb7441f651da64cfac1e6c39a9a3376ca4825','Council votes on the bridge',NULL,0,NULL,0,'',0,0,0);
CREATE TABLE snapshots (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	fetched_at DATETIME NOT NULL, 
	url VARCHAR NOT NULL, 
	final_url VARCHAR NOT NULL, 
	status INTEGER NOT NULL, 
	headers JSON NOT NULL, 
	redirects JSON NOT NULL, 
	body VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_snapshots PRIMARY KEY (id), 
	CONSTRAINT fk_snapshots_article_id FOREIGN KEY(article_id) REFERENCES articles (id), 
	CONSTRAINT fk_snapshots_body FOREIGN KEY(body) REFERENCES bodies (digest)
);
INSERT INTO "snapshots" VALUES(1,1,'2026-03-01 12:00:00.000000','https://gazette.example/bridge','https://gazette.example/bridge?page=1',200,'[["Content-Type", "text/html"], ["ETag", "\"1\""], ["X-Twice", "a"], ["X-Twice", "b"]]','[[301, "https://gazette.example/bridge?page=1"]]','8454f8f6a627398ff88dd131300df5b0e6a4d0140c940a677abb21439c1ea2f3');
INSERT INTO "snapshots" VALUES(2,1,'2026-03-01 12:05:00.000000','https://gazette.example/bridge','https://gazette.example/bridge?page=1',200,'[["Content-Type", "text/html"], ["ETag", "\"1\""], ["X-Twice", "a"], ["X-Twice", "b"]]','[[301, "https://gazette.example/bridge?page=1"]]','308db7d342001d3a1cf3bd93694330e5875a5fd1536ad64f67b3de6fbfb717da');
INSERT INTO "snapshots" VALUES(3,1,'2026-03-01 12:10:00.000000','https://gazette.example/bridge','https://gazette.example/bridge?page=1',200,'[["Content-Type", "text/html"], ["ETag", "\"1\""], ["X-Twice", "a"], ["X-Twice", "b"]]','[[301, "https://gazette.example/bridge?page=1"]]','18b01ce4d04693b2029bca7db07b0c25a52141f2a5ddd50d3f2d1acface4efb6');
INSERT INTO "snapshots" VALUES(4,2,'2026-03-01 12:01:00.000000','https://gazette.example/tunnel','https://gazette.example/tunnel?page=1',200,'[["Content-Type", "text/html"], ["ETag", "\"1\""], ["X-Twice", "a"], ["X-Twice", "b"]]','[[301, "https://gazette.example/tunnel?page=1"]]','95482e1757145624cdab7d9446ad00bd9714f0d1531dad96215cf1491369285a');
CREATE TABLE sources (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	paused BOOLEAN NOT NULL, 
	listed BOOLEAN NOT NULL, 
	next_discovery_at DATETIME NOT NULL, 
	last_ok_at DATETIME, 
	last_error TEXT, 
	etag VARCHAR, 
	last_modified VARCHAR, 
	CONSTRAINT pk_sources PRIMARY KEY (id), 
	CONSTRAINT uq_sources_name UNIQUE (name)
);
INSERT INTO "sources" VALUES(1,'Gazette','feed','https://Gazette.example/','config',0,1,'2026-03-01 12:05:00.000000','2026-03-01 12:00:00.000000',NULL,NULL,NULL);
CREATE INDEX ix_deliveries_due ON deliveries (state, next_try_at);
CREATE INDEX ix_hosts_turn ON hosts (next_visit_at);
CREATE INDEX ix_articles_due ON articles (host_id, next_check_at);
CREATE INDEX ix_articles_source_id ON articles (source_id);
CREATE INDEX ix_checks_article ON checks (article_id, seq);
CREATE INDEX ix_snapshots_article_id ON snapshots (article_id);
CREATE INDEX ix_events_article_id ON events (article_id);
CREATE INDEX ix_events_kind ON events (kind);
CREATE INDEX ix_events_revision_id ON events (revision_id);
CREATE INDEX ix_ledger_article_id ON ledger (article_id);
CREATE INDEX ix_alerts_delivery_id ON alerts (delivery_id);
COMMIT;
