; (say NAME STRETCH PITCH RANGE JITTER TEXT) speaks into folder/NAME.wav and writes folder/NAME.seg, a line a phone:
; name TAB end in seconds. STRETCH, PITCH and RANGE multiply; JITTER varies each phone's length by up to that share.
(set! jitter 0.0) (set! pitch 1.0) (set! range 1.0) (set! folder "")
(set! natural_stretch (if (number? (Param.get 'Duration_Stretch)) (Param.get 'Duration_Stretch) 1.0))
(define (vary_lengths utt)
  (if (> jitter 0.0)
      (let ((before 0.0) (end 0.0))
        (mapcar
         (lambda (s)
           (let ((was (item.feat s 'end)) (by (+ 1.0 (* jitter (- (* 2.0 (rand)) 1.0)))))
             (if (or (string-equal (item.name s) "#") (string-equal (item.name s) "pau")) (set! by 1.0))
             (set! end (+ end (* by (- was before))))
             (set! before was)
             (item.set_feat s 'end end)))
         (utt.relation.items utt 'Segment))))
  utt)
(define (vary_pitch utt)
  (if (utt.relation.present utt 'Target)
      (let ((count 0.0) (mean 0.0) (voiced nil))
        (mapcar
         (lambda (x)
           (if (> (item.feat x 'f0) 0)
               (begin (set! voiced (cons x voiced)) (set! count (+ count 1.0)) (set! mean (+ mean (item.feat x 'f0))))))
         (utt.relation.items utt 'Target))
        (if (> count 0.0)
            (begin
              (set! mean (/ mean count))
              (mapcar
               (lambda (x) (item.set_feat x 'f0 (* pitch (+ mean (* range (- (item.feat x 'f0) mean))))))
               voiced)))))
  utt)
(defUttType Text
  (Initialize utt) (Text utt) (Token_POS utt) (Token utt) (POS utt) (Phrasify utt) (Word utt) (Pauses utt)
  (Intonation utt) (PostLex utt) (Duration utt) (vary_lengths utt) (Int_Targets utt) (vary_pitch utt) (Wave_Synth utt))
(define (say name stretch p r j text)
  (format stderr "SAY %s\n" name)
  (Parameter.set 'Duration_Stretch (* natural_stretch stretch))
  (set! pitch p) (set! range r) (set! jitter j)
  (unwind-protect
   (let ((utt (utt.synth (eval (list 'Utterance 'Text text)))) (file nil))
     (utt.save.wave utt (string-append folder name ".wav") 'riff)
     (set! file (fopen (string-append folder name ".seg") "w"))
     (mapcar
      (lambda (s) (format file "%s\t%.4f\n" (item.name s) (item.feat s 'end)))
      (utt.relation.items utt 'Segment))
     (fclose file))
   (format stderr "FAILED %s\n" name)))
